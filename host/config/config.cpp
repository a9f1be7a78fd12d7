#include "config.hpp"

#include "files/files.hpp"
#include "overrides.hpp"
#include "table_reader.hpp"
#include "toml_reader.hpp"

#include <flashhost/error.hpp>

#include <fmt/format.h>

namespace flashhost::config {

namespace {

const Keys root_keys{"board", "transport", "family", "image", "flash"};
const Keys board_keys{"name"};
const Keys transport_keys{"plugin", "serial", "speed", "connect", "voltage", "settings"};
const Keys family_keys{"plugin", "chip", "flash_size", "settings"};
const Keys image_keys{"file", "format", "address", "sha256", "settings"};
const Keys flash_keys{"erase", "preserve", "verify", "reset", "unlock", "guard"};

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

TransportConfig read_transport(const Node &node, const std::string &base) {
  const TableReader table(node, "[transport]", "transport.", transport_keys);
  TransportConfig transport;
  transport.plugin = table.required(table.plugin_id("plugin"), "plugin",
                                    R"(Say how to reach the target, for example plugin = "<id>"; )"
                                    "flashhost list plugins shows the ids.");
  transport.serial = table.text("serial");
  transport.speed_hz = table.frequency("speed");
  transport.connect = table.choice("connect", connect_choices).value_or(Connect::automatic);
  transport.millivolts = table.millivolts("voltage");
  transport.settings = without_voltage(table.settings(base), "[transport.settings]");
  return transport;
}

FamilyConfig read_family(const Node &node, const std::string &base) {
  const TableReader table(node, "[family]", "family.", family_keys);
  FamilyConfig family;
  family.plugin = table.plugin_id("plugin");
  family.chip = table.text("chip");
  family.flash_size = table.size("flash_size");
  family.settings = without_voltage(table.settings(base), "[family.settings]");
  return family;
}

ImageConfig read_image(const Node &node, const std::filesystem::path &base) {
  const TableReader table(node, "[[image]]", "image.", image_keys);
  ImageConfig image;
  // The path stays as written: what ".." means behind a symbolic link, only the system knows.
  image.file = base / table.required(table.text("file"), "file",
                                     R"(Name the firmware, for example file = "app.hex".)");
  image.format = table.plugin_id("format");
  image.address = table.address("address");
  image.sha256 = table.sha256("sha256");
  image.settings = table.settings(base.string());
  image.where = node.where;
  return image;
}

std::vector<ImageConfig> read_images(const Node &node, const std::filesystem::path &base) {
  const auto *nodes = std::get_if<Array>(&node.value);
  if (nodes == nullptr) {
    reject(node.where, fmt::format("image must be a list, this is {}", kind_of(node)),
           "There can be several images: write [[image]] with double brackets, and "
           "[image.settings] below it.");
  }
  std::vector<ImageConfig> images;
  for (const Node &image : *nodes) images.push_back(read_image(image, base));
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
  config.reset = table.choice("reset", reset_choices).value_or(config.reset);
}

}  // namespace

Config parse_config(std::string_view text, const std::string &name,
                    const std::filesystem::path &base, const std::vector<std::string> &overrides) {
  Node root = read_toml(text, name);
  root.where = name;
  for (const std::string &override_ : overrides) apply_override(root, override_);

  const TableReader table(root, "the board file", "", root_keys);
  Config config;
  if (const Node *node = table.find("board")) {
    config.board = TableReader(*node, "[board]", "board.", board_keys).text("name").value_or("");
  }
  const Node *transport = table.find("transport");
  if (transport == nullptr) {
    reject(name, "[transport] is missing",
           R"(Say how to reach the target, for example [transport] with plugin = "<id>"; )"
           "flashhost list plugins shows the ids.");
  }
  config.transport = read_transport(*transport, base.string());
  if (const Node *node = table.find("family")) config.family = read_family(*node, base.string());
  if (const Node *node = table.find("image")) config.images = read_images(*node, base);
  if (const Node *node = table.find("flash")) read_flash(*node, config);
  return config;
}

Config load_config(const std::filesystem::path &file, const std::vector<std::string> &overrides) {
  const Bytes bytes = files::read_file(file, max_board_file_size, Errc::config);
  const std::string text(bytes.begin(), bytes.end());
  return parse_config(text, file.string(), file.parent_path(), overrides);
}

ImageConfig command_line_image(const std::string &file) {
  ImageConfig image;
  image.file = file;
  image.where = "command line";
  return image;
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

}  // namespace flashhost::config
