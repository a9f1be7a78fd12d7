// Asks the user, on the terminal.
#pragma once

#include "session.hpp"

#include <cstddef>
#include <string>
#include <vector>

namespace flashhost {

// Returns when the user agrees: by --yes, or by an answer on the terminal. Otherwise Errc::refused,
// and Errc::usage where nobody can be asked. question: "Write them?"
void require_consent(const Session &session, const std::string &question);

// For verbs that ask for more than consent: Errc::usage where nobody can be asked and --yes, which
// accepts what they propose, is not given either.
void require_answers(const Session &session);

// The answer without spaces around it; the proposal for an empty one, and with --yes. The proposal
// may be empty. Errc::refused when the input ends.
[[nodiscard]] std::string ask(const Session &session, const std::string &question,
                              const std::string &proposal);

enum class Proposal : std::uint8_t { none, first };
// Shows the numbered list and returns the place of the choice that is named by its number or as it
// stands there. Asks until there is one. With --yes it is the first, which must be the proposal.
[[nodiscard]] std::size_t ask_which(const Session &session, const std::string &question,
                                    const std::vector<std::string> &choices, Proposal proposal);

}  // namespace flashhost
