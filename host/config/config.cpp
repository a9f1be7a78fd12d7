#include "config.hpp"

#include "board_file.hpp"
#include "overrides.hpp"
#include "table_reader.hpp"
#include "toml_reader.hpp"

#include <flashhost/error.hpp>

#include <fmt/format.h>

namespace flashhost::config {

namespace {

const Keys root_keys{include_key, "board", "transport", "family", "image", "flash"};
const Keys board_keys{"name"};
const Keys transport_keys{"plugin", "serial", "usb", "speed", "connect", "voltage", "settings"};
const Keys family_keys{"plugin", "chip", "flash_size", "settings"};
const Keys image_keys{"file", "format", "address", "sha256", "settings"};
const Keys flash_keys{"erase",  "preserve", "verify",   "reset",
                      "unlock", "guard",    "compress", "strict"};

const Choices<Connect> connect_choices{{"auto", Connect::automatic},
                                       {"attach", Connect::attach},
                                       {"under-reset", Connect::under_reset}};
const Choices<Erase> erase_choices{
    {"auto", Erase::automatic}, {"sectors", Erase::sectors}, {"mass", Erase::mass}};
const Choices<Verify> verify_choices{
    {"crc", Verify::crc}, {"readback", Verify::readback}, {"none", Verify::none}};
const Choices<Reset> reset_choices{
    {"run", Reset::run}, {"halt", Reset::halt}, {"none", Reset::none}};

// Families need the voltage whatever the probe is, so it belongs to no plugin's settings.
Settings without_voltage(Settings settings, const std::string &table) {
  for (const Setting &setting : settings.all()) {
    if (setting.key != "voltage") continue;
    reject(setting.where, fmt::format("the supply voltage does not belong in {}", table),
           "Write it in [transport]: voltage = 3.3");
  }
  return settings;
}

TransportConfig read_transport(const Node &node) {
  const TableReader table(node, "[transport]", "transport.", transport_keys);
  TransportConfig transport;
  transport.plugin = table.plugin_id("plugin");
  transport.serial = table.text("serial");
  transport.usb = table.usb_port("usb");
  transport.speed_hz = table.frequency("speed");
  transport.connect = table.choice("connect", connect_choices).value_or(Connect::automatic);
  transport.millivolts = table.millivolts("voltage");
  transport.settings = without_voltage(table.settings(), "[transport.settings]");
  if (!transport.plugin && !transport.settings.all().empty()) {
    reject(transport.settings.all().front().where,
           "the settings are for a transport, but none is named",
           R"(Say which: plugin = "<id>" in [transport]; `flashhost list plugins` shows the ids.)");
  }
  return transport;
}

FamilyConfig read_family(const Node &node) {
  const TableReader table(node, "[family]", "family.", family_keys);
  FamilyConfig family;
  family.plugin = table.plugin_id("plugin");
  family.chip = table.text("chip");
  family.flash_size = table.size("flash_size");
  family.settings = without_voltage(table.settings(), "[family.settings]");
  return family;
}

ImageConfig read_image(const Node &node) {
  const TableReader table(node, "[[image]]", "image.", image_keys);
  ImageConfig image;
  image.file = table.required(table.path("file"), "file",
                              R"(Name the firmware, for example file = "app.hex".)");
  image.format = table.plugin_id("format");
  image.address = table.address("address");
  image.sha256 = table.sha256("sha256");
  image.settings = table.settings();
  image.where = node.where;
  return image;
}

std::vector<ImageConfig> read_images(const Node &node) {
  const auto *nodes = std::get_if<Array>(&node.value);
  if (nodes == nullptr) {
    reject(node.where, fmt::format("image must be a list, this is {}", kind_of(node)),
           "There can be several images: write [[image]] with double brackets, and "
           "[image.settings] below it.");
  }
  std::vector<ImageConfig> images;
  for (const Node &image : *nodes) images.push_back(read_image(image));
  return images;
}

void read_flash(const Node &node, Config &config) {
  const TableReader table(node, "[flash]", "flash.", flash_keys);
  FlashChoices &flash = config.flash;
  flash.erase = table.choice("erase", erase_choices).value_or(flash.erase);
  flash.preserve = table.boolean("preserve").value_or(flash.preserve);
  flash.verify = table.choice("verify", verify_choices).value_or(flash.verify);
  flash.unlock = table.boolean("unlock").value_or(flash.unlock);
  flash.guard = table.boolean("guard").value_or(flash.guard);
  flash.compress = table.boolean("compress").value_or(flash.compress);
  flash.strict = table.boolean("strict").value_or(flash.strict);
  config.reset = table.choice("reset", reset_choices).value_or(config.reset);
}

Config to_config(Node root, const Changes &changes) {
  if (!changes.files.empty()) replace_images(root, changes.files, changes.format);
  for (const Override &change : changes.overrides) apply_override(root, change);

  const TableReader table(root, "the board file", "", root_keys);
  if (const Node *node = table.find(include_key)) {
    reject(node->where, "include works only in a board file that is read from a file");
  }
  Config config;
  if (const Node *node = table.find("board")) {
    config.board = TableReader(*node, "[board]", "board.", board_keys).text("name").value_or("");
  }
  if (const Node *node = table.find("transport")) config.transport = read_transport(*node);
  if (const Node *node = table.find("family")) config.family = read_family(*node);
  if (const Node *node = table.find("image")) config.images = read_images(*node);
  if (const Node *node = table.find("flash")) read_flash(*node, config);
  return config;
}

}  // namespace

Config load_config(const std::optional<std::filesystem::path> &file, const Changes &changes) {
  if (!file) return to_config({Table{}, command_line}, changes);
  BoardFile board = read_board_file(*file);
  Config config = to_config(std::move(board.tree), changes);
  config.board_files = std::move(board.files);
  return config;
}

Config parse_config(std::string_view text, const std::string &name,
                    const std::filesystem::path &base, const Changes &changes) {
  Node root = read_toml(text, name, base.string());
  root.where = name;
  return to_config(std::move(root), changes);
}

std::vector<std::string> known_keys() {
  std::vector<std::string> keys;
  const auto add = [&](const std::string &prefix, const Keys &names) {
    for (const std::string &name : names) keys.push_back(prefix + name);
  };
  add("board.", board_keys);
  add("transport.", transport_keys);
  add("family.", family_keys);
  add("image.", image_keys);
  add("flash.", flash_keys);
  return keys;
}

std::vector<std::string> words_of_key(std::string_view key) {
  if (key == "transport.connect") return words_of(connect_choices);
  if (key == "flash.erase") return words_of(erase_choices);
  if (key == "flash.verify") return words_of(verify_choices);
  if (key == "flash.reset") return words_of(reset_choices);
  return {};
}

}  // namespace flashhost::config
