#pragma once

#include <flashhost/machine/notes.hpp>

namespace virtual_usb {

using flashhost::machine::Notes;

}  // namespace virtual_usb
