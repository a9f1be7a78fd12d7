#pragma once

#include <flashhost/machine/notes.hpp>

namespace virtual_stlink {

using flashhost::machine::Notes;

}  // namespace virtual_stlink
