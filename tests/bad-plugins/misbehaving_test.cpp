// The guard: whatever a call into a plugin throws or answers wrongly ends as an error of the
// host's.
#include "corpus.hpp"

#include <array>
#include <map>

namespace flashhost {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsSupersetOf;
using Action = std::function<void()>;

Settings orders(const std::string &call, const std::string &how) {
  return Settings({{"call", call, "board.toml:5:1"}, {"how", how, "board.toml:6:1"}});
}

class Misbehaving : public Corpus {
 protected:
  Misbehaving() {
    install("transport-misbehaving.so");
    install("family-misbehaving.so");
    install("format-misbehaving.so");
  }

  // Every call of an interface, told to throw in that call.
  std::map<std::string, Action> transport_calls(const std::string &how) {
    const auto run = [this, how](const std::string &call,
                                 const std::function<void(Transport &)> &use) {
      return std::pair{call, [this, how, call, use] {
                         const Loaded<Transport> loaded = loader().transport("misbehaving");
                         loaded.object->configure(orders(call, how));
                         use(*loaded.object);
                       }};
    };
    const auto probe = [run](const std::string &call, const std::function<void(Probe &)> &use) {
      return run(call, [use](Transport &transport) { use(*transport.open({})); });
    };
    return {
        run("configure", [](Transport &) {}),
        run("list", [](Transport &t) { (void)t.list(); }),
        run("open", [](Transport &t) { (void)t.open({}); }),
        probe("info", [](Probe &p) { (void)p.info(); }),
        probe("state", [](Probe &p) { (void)p.state(); }),
        probe("read_memory", [](Probe &p) { (void)p.read_word(0x20000000); }),
        probe("read_register", [](Probe &p) { (void)p.read_register(CoreRegister::pc); }),
        probe("now", [](Probe &p) { (void)p.now(); }),
        probe("sleep", [](Probe &p) { p.sleep({}); }),
        probe("attach", [](Probe &p) { p.attach(AttachMode::attach); }),
        probe("reset", [](Probe &p) { p.reset(ResetMode::pin); }),
        probe("halt", [](Probe &p) { p.halt(); }),
        probe("resume", [](Probe &p) { p.resume(); }),
        probe("write_memory", [](Probe &p) { p.write_word(0x20000000, 1); }),
        probe("write_register", [](Probe &p) { p.write_register(CoreRegister::pc, 0); }),
        probe("run",
              [](Probe &p) {
                std::array accesses{Access::read(0x20000000)};
                p.run(accesses);
              }),
    };
  }

  std::map<std::string, Action> family_calls(const std::string &how) {
    const auto run = [this, how](const std::string &call,
                                 const std::function<void(Family &, Probe &)> &use) {
      return std::pair{call, [this, how, call, use] {
                         const auto probe = loader().transport("misbehaving").object->open({});
                         const Loaded<Family> loaded = loader().family("misbehaving");
                         loaded.object->configure(orders(call, how));
                         use(*loaded.object, *probe);
                       }};
    };
    const Chip chip;
    return {
        run("configure", [](Family &, Probe &) {}),
        run("parts", [](Family &f, Probe &) { (void)f.parts(); }),
        run("identify", [](Family &f, Probe &p) { (void)f.identify(p); }),
        run("loader", [chip](Family &f, Probe &) { (void)f.loader(chip); }),
        run("prepare",
            [chip](Family &f, Probe &p) {
              UndoLog undo;
              f.prepare(p, chip, undo);
            }),
        run("settle",
            [](Family &f, Probe &p) {
              Chip settled = f.parts().front().chip;
              settled.name = "ONE";
              f.settle(p, settled);
            }),
        run("finish", [chip](Family &f, Probe &p) { f.finish(p, chip); }),
        run("locks", [](Family &f, Probe &) { (void)f.locks(); }),
        run("direct_flash", [](Family &f, Probe &) { (void)f.direct_flash(); }),
        run("protection", [chip](Family &f, Probe &p) { (void)f.locks()->protection(p, chip); }),
        run("unprotect", [chip](Family &f, Probe &p) { f.locks()->unprotect(p, chip, {}); }),
        run("widths", [chip](Family &f, Probe &) { (void)f.direct_flash()->widths(chip); }),
        run("erase_sector",
            [chip](Family &f, Probe &p) { f.direct_flash()->erase_sector(p, chip, {}); }),
        run("erase_all", [chip](Family &f, Probe &p) { f.direct_flash()->erase_all(p, chip); }),
        run("program",
            [chip](Family &f, Probe &p) {
              f.direct_flash()->program(p, chip, 0, {}, Width::word);
            }),
    };
  }

  std::map<std::string, Action> format_calls(const std::string &how) {
    const auto run = [this, how](const std::string &call,
                                 const std::function<void(Format &)> &use) {
      return std::pair{call, [this, how, call, use] {
                         const Loaded<Format> loaded = loader().format("misbehaving");
                         loaded.object->configure(orders(call, how));
                         use(*loaded.object);
                       }};
    };
    return {
        run("configure", [](Format &) {}),
        run("recognises", [](Format &f) { (void)f.recognises("hex", {}); }),
        run("parse", [](Format &f) { (void)f.parse({}, {}); }),
        run("writer", [](Format &f) { (void)f.writer(); }),
        run("write", [](Format &f) { (void)f.writer()->write({}); }),
    };
  }

  void for_each_call(const std::string &how,
                     const std::function<void(const std::string &call, const Action &)> &check) {
    for (const auto &calls : {transport_calls(how), family_calls(how), format_calls(how)}) {
      for (const auto &[call, action] : calls) {
        SCOPED_TRACE(call);
        check(call, action);
      }
    }
    for (const char *file :
         {"transport-misbehaving.so", "family-misbehaving.so", "format-misbehaving.so"}) {
      EXPECT_FALSE(is_loaded(folder_ / file)) << file;
    }
  }
};

TEST_F(Misbehaving, ForeignTypeFromAnyCallIsAnInternalErrorThatNamesPluginCallAndType) {
  for_each_call("foreign", [](const std::string &call, const Action &action) {
    const Error error = error_of(action);
    EXPECT_EQ(error.code(), Errc::internal);
    EXPECT_EQ(error.what(),
              "plugin misbehaving: " + call + ": an exception of type misbehaving::Foreign");
    EXPECT_THAT(error.hint(), HasSubstr("report it to the author of"));
  });
}

TEST_F(Misbehaving, StandardExceptionFromAnyCallIsAnInternalErrorWithItsWords) {
  for_each_call("std", [](const std::string &call, const Action &action) {
    const Error error = error_of(action);
    EXPECT_EQ(error.code(), Errc::internal);
    EXPECT_EQ(error.what(), "plugin misbehaving: " + call + ": std::length_error: too long");
  });
}

TEST_F(Misbehaving, ExhaustedMemoryIsAnInternalErrorThatSaysSo) {
  for_each_call("memory", [](const std::string &call, const Action &action) {
    EXPECT_EQ(error_of(action).what(), "plugin misbehaving: " + call + ": out of memory");
  });
}

TEST_F(Misbehaving, ErrorOfTheSdkPassesUnchanged) {
  for_each_call("error", [](const std::string &, const Action &action) {
    const Error error = error_of(action);
    EXPECT_EQ(error.code(), Errc::probe);
    EXPECT_STREQ(error.what(), "the wire is cut");
    EXPECT_EQ(error.hint(), "Mend it.");
  });
}

TEST_F(Misbehaving, SectionOfThePluginsOwnDocumentationIsGivenItsName) {
  for_each_call("own section", [](const std::string &, const Action &action) {
    const Error error = error_of(action);  // the plugin is unloaded by now
    EXPECT_EQ(error.cause(), "misbehaving/fuse bits");
    EXPECT_STREQ(error.what(), "a fuse is blown");
  });
  const auto probe = loader().transport("misbehaving").object->open({});
  const Identity identity = loader().family("misbehaving").object->identify(*probe);
  ASSERT_TRUE(identity.chip);
  EXPECT_EQ(status_cause(*identity.chip, 2, Cause::bad_ram), "misbehaving/fuse bits");
  EXPECT_EQ(status_cause(*identity.chip, 1, Cause::bad_ram), Cause::bad_cell);
}

TEST_F(Misbehaving, InternalErrorOfAPluginIsGivenItsName) {
  const Error error = error_of(format_calls("internal").at("parse"));
  EXPECT_EQ(error.code(), Errc::internal);
  EXPECT_STREQ(error.what(), "misbehaving: a bug");
}

TEST_F(Misbehaving, ErrorClassOfThePluginsOwnOutlivesThePluginAsAPlainError) {
  for_each_call("derived", [](const std::string &, const Action &action) {
    std::exception_ptr kept;
    try {
      action();
    } catch (const Error &) {
      kept = std::current_exception();
    }
    // The plugin is unloaded by now; the exception must not lead back into it.
    try {
      std::rethrow_exception(kept);
    } catch (const Error &error) {
      EXPECT_EQ(typeid(error), typeid(Error));
      EXPECT_STREQ(error.what(), "thrown as a class of the plugin's own");
    }
  });
}

TEST_F(Misbehaving, TransportThatOpensNoProbeIsNamed) {
  const Error error = error_of(transport_calls("null").at("open"));
  EXPECT_EQ(error.code(), Errc::internal);
  EXPECT_STREQ(error.what(), "plugin misbehaving: open: it returned no probe");
}

TEST_F(Misbehaving, ChipWhoseSectorsDoNotTileItsFlashIsNamed) {
  for (const std::string call : {"parts", "identify"}) {
    const Error error = error_of(family_calls("gap").at(call));
    EXPECT_EQ(error.code(), Errc::internal);
    EXPECT_EQ(error.what(), "plugin misbehaving: " + call +
                                ": ONE: its sectors do not tile its flash 0x08000000..0x080007ff");
  }
}

TEST_F(Misbehaving, ChipThatIsSettledOutsideItsFlashIsNamed) {
  EXPECT_STREQ(error_of(family_calls("outside").at("settle")).what(),
               "plugin misbehaving: settle: ONE: it boots from 0x00000000, outside its flash");
}

TEST_F(Misbehaving, PartWhosePatternIsNoneIsNamed) {
  EXPECT_STREQ(error_of(family_calls("bracket").at("parts")).what(),
               "plugin misbehaving: parts: \"ON[E\" is no pattern of a part's name");
}

TEST_F(Misbehaving, FamilyWithoutAnAbilityHandsOutNull) {
  const Loaded<Family> loaded = loader().family("misbehaving");
  loaded.object->configure(orders("locks", "null"));
  EXPECT_EQ(loaded.object->locks(), nullptr);
  EXPECT_NE(loaded.object->direct_flash(), nullptr);
  loaded.object->configure(orders("direct_flash", "null"));
  EXPECT_EQ(loaded.object->direct_flash(), nullptr);
}

TEST_F(Misbehaving, AbilityThatIsGoneWhenItIsUsedIsNamed) {
  const auto probe = loader().transport("misbehaving").object->open({});
  const Loaded<Family> loaded = loader().family("misbehaving");
  loaded.object->configure(orders("nothing", "none"));
  Locks *locks = loaded.object->locks();
  loaded.object->configure(orders("locks", "null"));
  EXPECT_STREQ(error_of([&] { (void)locks->protection(*probe, Chip{}); }).what(),
               "plugin misbehaving: locks: it returned null, but had returned an object before");
}

TEST_F(Misbehaving, DirectPathWithoutAWidthIsNamed) {
  for (const char *how : {"none", "automatic"}) {
    EXPECT_STREQ(error_of(family_calls(how).at("widths")).what(),
                 "plugin misbehaving: widths: it named no width of access, or the automatic one");
  }
}

TEST_F(Misbehaving, LoaderWithAnEntryPointOutsideItsCodeIsNamed) {
  EXPECT_STREQ(
      error_of(family_calls("outside").at("loader")).what(),
      "plugin misbehaving: loader: the entry point at offset 0x00000004 lies outside the code of 4 "
      "bytes");
}

TEST_F(Misbehaving, FormatThatAnswersOutOfRangeIsNamed) {
  EXPECT_STREQ(error_of(format_calls("too sure").at("recognises")).what(),
               "plugin misbehaving: recognises: it answered 101, not 0 to 100");
}

TEST_F(Misbehaving, FormatWhoseSegmentsOverlapIsNamed) {
  EXPECT_STREQ(error_of(format_calls("overlap").at("parse")).what(),
               "plugin misbehaving: parse: the segment at 0x00000102 overlaps or precedes the one "
               "before it");
}

TEST_F(Misbehaving, EachCallIsTracedWithItsArgumentsAndWhatItRead) {
  const auto probe = loader().transport("misbehaving").object->open({});
  lines_->clear();
  (void)probe->read_word(0x20000000);
  probe->write_word(0x20000004, 0x11223344);
  EXPECT_THAT(*lines_, ElementsAre("trace: read_memory(0x20000000, 4 bytes, width 4)",
                                   "trace:   read a5a5a5a5",
                                   "trace: write_memory(0x20000004, 4 bytes, width 4: 44332211)"));
}

TEST_F(Misbehaving, AccessesAreTracedBeforehandAndThenWithWhatTheyRead) {
  const auto probe = loader().transport("misbehaving").object->open({});
  lines_->clear();
  std::array accesses{Access::read(0x20000000), Access::write(0x20000004, 0x11223344)};
  probe->run(accesses);
  EXPECT_EQ(accesses[0].value, 0xA5A5A5A5U);
  EXPECT_THAT(*lines_, ElementsAre("trace: run(2 accesses)", "trace:   to read 0x20000000, width 4",
                                   "trace:   to write 0x20000004, width 4: 0x11223344",
                                   "trace:   read 0xa5a5a5a5 from 0x20000000"));
}

TEST_F(Misbehaving, AccessesAreTracedAlsoWhereTheCallThrows) {
  const Loaded<Transport> loaded = loader().transport("misbehaving");
  loaded.object->configure(orders("run", "std"));
  const auto probe = loaded.object->open({});
  lines_->clear();
  std::array accesses{Access::read(0x20000000), Access::write(0x20000004, 0x11223344, Width::half)};
  EXPECT_THROW(probe->run(accesses), Error);
  EXPECT_THAT(*lines_,
              IsSupersetOf({"trace: run(2 accesses)", "trace:   to read 0x20000000, width 4",
                            "trace:   to write 0x20000004, width 2: 0x11223344"}));
}

TEST_F(Misbehaving, SupplyThatTheUserSaysStandsAboveTheMeasuredOneAndIsWarnedAboutOnce) {
  OpenOptions options;
  options.target_millivolts = 3300;
  const auto told = loader().transport("misbehaving").object->open(options);
  EXPECT_EQ(told->info().target_millivolts, 3300);
  EXPECT_EQ(told->info().target_millivolts, 3300);
  EXPECT_THAT(*lines_, Contains("the board file says voltage = 3.3, but the probe measures 1.90 V; "
                                "going by the board file")
                           .Times(1));
  EXPECT_EQ(loader().transport("misbehaving").object->open({})->info().target_millivolts, 1900);
}

TEST_F(Misbehaving, FailureOfACallIsTraced) {
  const Loaded<Transport> loaded = loader().transport("misbehaving");
  loaded.object->configure(orders("list", "foreign"));
  EXPECT_THROW((void)loaded.object->list(), Error);
  EXPECT_THAT(*lines_, Contains("trace: list threw an exception of type misbehaving::Foreign"));
}

}  // namespace
}  // namespace flashhost
