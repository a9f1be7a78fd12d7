// Writes the completions for a shell: flashhost-completions bash|zsh|fish SKELETON OUTPUT. The
// skeleton has what does not depend on verbs and options; @words@ in it are replaced.
#include "config/cli.hpp"
#include "files/files.hpp"
#include "files/output_file.hpp"
#include "output/stream.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <unistd.h>

#include <cstdint>
#include <exception>
#include <map>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace {

using namespace flashhost;
using config::OptionSyntax;
using config::VerbSyntax;
using Words = std::vector<std::string>;

// What may follow an option, in words that the skeletons know.
std::string value_of(const OptionSyntax &option) {
  static const std::map<std::string_view, std::string> values{
      {"FILE", "files"}, {"DIR", "folders"}, {"CHIP", "chips"}, {"SERIAL", "probes"}};
  if (!option.words.empty()) return fmt::format("words {}", fmt::join(option.words, " "));
  // The id of a plugin, of the kind that the option is named after.
  if (option.value == "ID") return "plugins " + option.names.back().substr(2);
  const auto found = values.find(option.value);
  return found == values.end() ? "nothing" : found->second;
}

std::string replaced(std::string text, std::string_view from, std::string_view to) {
  for (std::size_t at = text.find(from); at != std::string::npos;
       at = text.find(from, at + to.size())) {
    text.replace(at, from.size(), to);
  }
  return text;
}

std::string as_literal(const std::string &text) {
  return "'" + replaced(text, "'", "'\\''") + "'";
}

template <class Rows, class Function>
std::string lines(const Rows &rows, Function line) {
  Words result;
  for (const auto &row : rows) {
    if (std::string text = line(row); !text.empty()) result.push_back(std::move(text));
  }
  return fmt::format("{}", fmt::join(result, "\n"));
}

// One spec of _arguments for each name.
std::string zsh_option(const OptionSyntax &option) {
  const auto escaped = [](std::string text) {
    for (const char *special : {"\\", "[", "]", ":"}) {
      text = replaced(std::move(text), special, std::string("\\") + special);
    }
    return text;
  };
  return lines(option.names, [&](const std::string &name) {
    std::string spec = option.repeats ? "*" : fmt::format("({})", fmt::join(option.names, " "));
    spec += name;
    if (!option.value.empty()) spec += name.starts_with("--") ? "=" : "+";
    spec += "[" + escaped(option.help) + "]";
    if (!option.value.empty())
      spec += ":" + escaped(option.value) + ": _flashhost_value " + value_of(option);
    return "    " + as_literal(spec);
  });
}

std::string fish_option(const OptionSyntax &option) {
  std::string line = "complete -c flashhost";
  for (const std::string &name : option.names) {
    const bool is_long = name.starts_with("--");
    line += (is_long ? " -l " : " -s ") + name.substr(is_long ? 2 : 1);
  }
  const std::string value = value_of(option);
  if (value == "files") {
    line += " -r -F";
  } else if (!option.value.empty()) {
    line += fmt::format(" -x -a '(__flashhost_value {})'", value);
  }
  return line + " -d " + as_literal(option.help);
}

std::string bash_option(const OptionSyntax &option) {
  if (option.value.empty()) return {};
  return fmt::format("      {}) value=({}) ;;", fmt::join(option.names, "|"), value_of(option));
}

// What the @words@ of a skeleton stand for.
std::map<std::string, std::string> replacements(const std::string &shell) {
  const config::Syntax syntax = config::syntax();
  Words names;
  Words valued;
  for (const OptionSyntax &option : syntax.options) {
    for (const std::string &name : option.names) {
      names.push_back(name);
      if (!option.value.empty()) valued.push_back(name);
    }
  }
  Words verbs;
  Words without_files;
  for (const VerbSyntax &verb : syntax.verbs) {
    verbs.push_back(verb.word);
    if (!verb.takes_files) without_files.push_back(verb.word);
  }
  const auto joined = [](const Words &words, std::string_view between) {
    return fmt::format("{}", fmt::join(words, between));
  };
  // A line for each verb that a word of its own must follow.
  const auto subjects = [&](auto line) {
    return lines(syntax.verbs, [&](const VerbSyntax &verb) {
      return verb.subjects.empty() ? std::string() : line(verb.word, joined(verb.subjects, " "));
    });
  };
  std::map<std::string, std::string> result{{"@verbs@", joined(verbs, " ")}};
  if (shell == "bash") {
    result["@options@"] = joined(names, " ");
    result["@valued@"] = joined(valued, "|");
    result["@values@"] = lines(syntax.options, bash_option);
    result["@without_files@"] = joined(without_files, "-*|") + "-*";
    result["@subjects@"] = subjects([](const auto &verb, const auto &words) {
      return fmt::format("      {}-1) value=(words {}) ;;", verb, words);
    });
  } else if (shell == "zsh") {
    result["@options@"] = lines(syntax.options, zsh_option);
    result["@without_files@"] = joined(without_files, "-*|") + "-*";
    result["@subjects@"] = subjects([](const auto &verb, const auto &words) {
      return fmt::format("    {}-1) compadd {} ;;", verb, words);
    });
  } else if (shell == "fish") {
    result["@options@"] = lines(syntax.options, fish_option);
    result["@valued@"] = joined(valued, " ");
    result["@without_files@"] = joined(without_files, "|");
    result["@subjects@"] = subjects([](const auto &verb, const auto &words) {
      return fmt::format(R"(complete -c flashhost -n '__flashhost_at "^{}-1\$"' -a '{}')", verb,
                         words);
    });
  } else {
    throw std::runtime_error("no completions are made for " + shell);
  }
  return result;
}

void write_completions(const std::string &shell, const std::string &skeleton,
                       const std::string &output) {
  const Bytes bytes = files::read_file(skeleton, files::max_other_file_size, Errc::usage);
  std::string text(bytes.begin(), bytes.end());
  for (const auto &[word, value] : replacements(shell)) {
    text = replaced(std::move(text), word, value);
  }
  files::OutputFile(output).commit({text.begin(), text.end()});
}

}  // namespace

int main(int argc, char **argv) {
  Stream err(STDERR_FILENO);
  try {
    const Words arguments(argv + 1, argv + argc);
    if (arguments.size() != 3) {
      throw std::runtime_error("usage: flashhost-completions bash|zsh|fish SKELETON OUTPUT");
    }
    write_completions(arguments[0], arguments[1], arguments[2]);
    return 0;
  } catch (const std::exception &error) {
    err.line(fmt::format("flashhost-completions: {}", error.what()));
    return 1;
  }
}
