// The verbs of the command line. Each throws Error; main turns that into an exit code.
#pragma once

#include "session.hpp"

namespace flashhost {

void run_flash(const Session &session);
void run_plan(const Session &session);
void run_verify(const Session &session);
void run_erase(const Session &session);
void run_read(const Session &session);
void run_info(const Session &session);
void run_reset(const Session &session);
void run_option(const Session &session);
void run_protect(const Session &session);
void run_unprotect(const Session &session);
void run_list(const Session &session);
void run_init(const Session &session);
void run_new(const Session &session);

}  // namespace flashhost
