// What changes of option bytes do on every STM32, in words.
#pragma once

#include <flashhost/option_bytes.hpp>

#include <string_view>
#include <vector>

namespace stm32 {

enum class ReadProtection : std::uint8_t { off, on, final };  // final: RDP level 2

// Of the change from one to the other. From `final` nothing can be changed: then this is all.
// shut: what also happens once it is on; may be empty.
[[nodiscard]] std::vector<flashhost::OptionEffect> read_protection_effects(
    ReadProtection from, ReadProtection to, std::string_view shut = {});
[[nodiscard]] flashhost::OptionEffect hardware_watchdog_effect();

// Errc::locked: nothing lifts it.
[[noreturn]] void throw_final();

}  // namespace stm32
