// Asks before something that a user may not want.
#pragma once

#include "session.hpp"

#include <string>

namespace flashhost {

// Returns when the user agrees: by --yes, or by an answer on the terminal. Otherwise Errc::refused,
// and Errc::usage where nobody can be asked. question: "Write them?"
void require_consent(const Session &session, const std::string &question);

}  // namespace flashhost
