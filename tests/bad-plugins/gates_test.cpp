// Gates 2 to 4: what is refused, in which words, and whether any of its code has run.
#include "corpus.hpp"
#include "plugin/file_gates.hpp"

#include <flashhost/plugin.hpp>

#include <link.h>
#include <sys/stat.h>

#include <cstring>
#include <sstream>

namespace flashhost {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

class Gates : public Corpus {
 protected:
  void expect_refusal(const std::string &id, const std::string &gate, const std::string &reason) {
    const Error error = refusal(id);
    EXPECT_EQ(error.code(), Errc::plugin);
    EXPECT_EQ(exit_code(error.code()), 3);
    EXPECT_THAT(error.what(), StartsWith("plugin " + (folder_ / ("format-" + id + ".so")).string() +
                                         " is refused because " + gate + ": " + reason));
    EXPECT_FALSE(error.hint().empty());
    EXPECT_FALSE(is_loaded(folder_ / ("format-" + id + ".so")));
  }
};

TEST_F(Gates, GoodPluginOfTheCorpusIsLoaded) {
  install("format-good.so");
  const Loaded<Format> loaded = loader().format("good");
  EXPECT_EQ(loaded.version, "1.0");
  EXPECT_EQ(loaded.object->parse({}, {}), ParsedFile{});
  EXPECT_TRUE(code_has_run());
}

TEST_F(Gates, TextFileIsRefusedUnread) {
  write("format-text.so", "#!/bin/sh\necho this is a text file, but quite a long one\n");
  expect_refusal("text", "it is no plugin for this flashhost",
                 "it is not a whole ELF shared object of this machine");
}

TEST_F(Gates, EmptyFileIsRefused) {
  write("format-empty.so", "");
  expect_refusal("empty", "it is no plugin for this flashhost", "it is empty");
}

TEST_F(Gates, FileTruncatedAtAnyLengthIsRefusedWithoutRunningIt) {
  const auto good = install("format-good.so");
  std::stringstream content;
  content << std::ifstream(good, std::ios::binary).rdbuf();
  const std::string whole = content.str();
  // The section table is at the end of the file: any cut loses a part of it.
  const std::size_t step = whole.size() / 40 + 1;
  for (std::size_t length = 1; length < whole.size(); length += step) {
    write("format-cut.so", whole.substr(0, length));
    expect_refusal("cut", "it is no plugin for this flashhost",
                   "it is not a whole ELF shared object of this machine");
  }
  write("format-cut.so", whole.substr(0, whole.size() - 1));
  expect_refusal("cut", "it is no plugin for this flashhost",
                 "it is not a whole ELF shared object of this machine");
  EXPECT_FALSE(code_has_run());
}

TEST_F(Gates, SectionNamesWithoutAnEndAreRefused) {
  const auto good = install("format-good.so");
  std::stringstream content;
  content << std::ifstream(good, std::ios::binary).rdbuf();
  std::string bytes = content.str();
  // ".comment" stands in the section name table; everything from there on loses its terminators.
  const std::size_t names = bytes.rfind(".shstrtab");
  ASSERT_NE(names, std::string::npos);
  for (std::size_t i = names; i < bytes.size(); ++i) {
    if (bytes[i] == '\0') bytes[i] = 'x';
  }
  write("format-endless.so", bytes);
  expect_refusal("endless", "it is no plugin for this flashhost",
                 "it is not a whole ELF shared object of this machine");
  EXPECT_FALSE(code_has_run());
}

// 200 MB that take no space on disk; gate 2 once made 3 GB of them.
TEST_F(Gates, HugeSectionNameTableIsRefusedUnread) {
  const auto good = install("format-good.so");
  std::stringstream content;
  content << std::ifstream(good, std::ios::binary).rdbuf();
  std::string bytes = content.str();
  const auto at = [&](std::size_t offset) { return bytes.data() + offset; };
  ElfW(Ehdr) header{};
  std::memcpy(&header, at(0), sizeof header);
  const std::size_t entry = header.e_shoff + header.e_shstrndx * sizeof(ElfW(Shdr));
  ElfW(Shdr) names{};
  std::memcpy(&names, at(entry), sizeof names);
  names.sh_offset = bytes.size();
  names.sh_size = 200'000'000;
  std::memcpy(at(entry), &names, sizeof names);
  std::filesystem::resize_file(write("format-huge.so", bytes), bytes.size() + names.sh_size);
  expect_refusal("huge", "it is no plugin for this flashhost",
                 "the names of its sections take 200000000 bytes; more than 65536 are refused");
  EXPECT_FALSE(code_has_run());
}

TEST_F(Gates, WhatIsNoRegularFileIsNoPluginAndMakesNobodyWait) {
  const auto pipe = folder_ / "pipe";
  ASSERT_EQ(mkfifo(pipe.c_str(), 0600), 0);
  for (const std::filesystem::path &file : {pipe, folder_, std::filesystem::path("/dev/zero")}) {
    const std::string reason = lacks_section(file, plugin_section).value_or("a plugin");
    EXPECT_TRUE(reason.starts_with("cannot read " + file.string() + ": it is a ")) << reason;
  }
  EXPECT_EQ(lacks_section(folder_ / "none", plugin_section).value_or("a plugin"),
            "cannot read " + (folder_ / "none").string() + ": No such file or directory");
}

TEST_F(Gates, OrdinaryLibraryIsRefusedWithoutRunningIt) {
  install("format-no_section.so");
  expect_refusal("no_section", "it is no plugin for this flashhost",
                 "it is a shared object, but no flashhost plugin: it has no section flashhost_v2");
  EXPECT_FALSE(code_has_run());
}

TEST_F(Gates, PluginOfANewerInterfaceIsNamedAsSuchWithoutRunningIt) {
  install("format-newer.so");
  expect_refusal("newer", "it is no plugin for this flashhost",
                 "it speaks plugin interface 3, this flashhost speaks 2");
  EXPECT_THAT(refusal("newer").hint(), HasSubstr("Nothing of it was executed"));
  EXPECT_FALSE(code_has_run());
}

TEST_F(Gates, PluginWithoutTheSymbolIsRefused) {
  install("format-no_symbol.so");
  expect_refusal("no_symbol", "it does not match this flashhost",
                 "it has no symbol flashhost_plugin_v2");
}

TEST_F(Gates, PluginThatDoesNotLinkIsRefusedWithTheLinkersWords) {
  install("format-unresolved.so");
  expect_refusal("unresolved", "it does not match this flashhost",
                 "the dynamic linker cannot load it: ");
  EXPECT_THAT(refusal("unresolved").what(), HasSubstr("undefined symbol: defined_nowhere"));
  EXPECT_FALSE(code_has_run());
}

TEST_F(Gates, WrongDescriptorSizeIsRefused) {
  install("format-wrong_size.so");
  expect_refusal("wrong_size", "it does not match this flashhost",
                 "its descriptor has 24 bytes instead of ");
}

TEST_F(Gates, WrongAbiNumberIsRefused) {
  install("format-wrong_abi.so");
  expect_refusal("wrong_abi", "it does not match this flashhost",
                 "it was compiled for plugin ABI 7, this flashhost speaks 2");
}

TEST_F(Gates, WrongBuildTagIsRefused) {
  install("format-wrong_tag.so");
  expect_refusal(
      "wrong_tag", "it does not match this flashhost",
      R"(it was compiled for "libstdc++ cxx11=0", this flashhost for ")" FLASHHOST_BUILD_TAG
      R"(")");
}

TEST_F(Gates, WrongKindIsRefused) {
  install("format-wrong_kind.so");
  expect_refusal("wrong_kind", "it does not match this flashhost",
                 "its name says format, but it is a transport plugin");
  EXPECT_EQ(refusal("wrong_kind").hint(), "Its file should be named transport-wrong_kind.so.");
  install("format-unknown_kind.so");
  expect_refusal("unknown_kind", "it does not match this flashhost",
                 "its name says format, but it is a kind 9 plugin");
}

TEST_F(Gates, WrongIdIsRefused) {
  install("format-wrong_id.so");
  expect_refusal("wrong_id", "it does not match this flashhost",
                 R"(its name says "wrong_id", but its id is "another")");
  EXPECT_EQ(refusal("wrong_id").hint(), "Its file should be named format-another.so.");
}

TEST_F(Gates, DescriptorWithANullPointerIsRefused) {
  install("format-null_field.so");
  expect_refusal("null_field", "it does not match this flashhost",
                 "its descriptor is incomplete (a null pointer)");
}

TEST_F(Gates, CreateThatReturnsNothingIsRefused) {
  install("format-create_null.so");
  expect_refusal("create_null", "it does not start", "its create returned nothing");
}

TEST_F(Gates, CreateThatThrowsIsRefusedWithItsWords) {
  install("format-create_std.so");
  const Error error = refusal("create_std");
  EXPECT_THAT(error.what(), HasSubstr("is refused because it does not start: its create threw "
                                      "std::out_of_range: no such board"));
  EXPECT_FALSE(is_loaded(folder_ / "format-create_std.so"));
}

TEST_F(Gates, CreateThatThrowsAnErrorKeepsItsHint) {
  install("format-create_error.so");
  expect_refusal("create_error", "it does not start", "its create threw the driver is missing");
  EXPECT_EQ(refusal("create_error").hint(), "Install it.");
}

TEST_F(Gates, CreateThatThrowsAForeignTypeIsRefusedNamingTheType) {
  install("format-create_foreign.so");
  const Error error = refusal("create_foreign");
  EXPECT_THAT(error.what(),
              HasSubstr("is refused because it does not start: its create threw an exception of "
                        "type (anonymous namespace)::Foreign"));
  EXPECT_FALSE(is_loaded(folder_ / "format-create_foreign.so"));
}

TEST_F(Gates, UnknownNameListsWhatIsInstalledAndWhereWasLooked) {
  install("format-good.so");
  const Error error = refusal("god");
  EXPECT_STREQ(error.what(), "there is no format plugin \"god\" (format-god.so)");
  EXPECT_EQ(error.hint(), "Installed formats: good. Looked in: " + folder_.string() +
                              ". Add a folder with --plugin-dir or FLASHHOST_PLUGIN_PATH.");
  EXPECT_EQ(error.code(), Errc::plugin);
}

TEST_F(Gates, NameThatIsAPathIsNotLookedFor) {
  EXPECT_STREQ(refusal("../good").what(), "\"../good\" is not the name of a plugin");
  EXPECT_STREQ(refusal("").what(), "\"\" is not the name of a plugin");
}

}  // namespace
}  // namespace flashhost
