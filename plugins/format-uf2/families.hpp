// The chips that UF2's family ids stand for.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace flashhost::uf2 {

// The beginning of the chips' names, such as "STM32F4"; empty: the id is not known.
[[nodiscard]] std::string_view family_name(std::uint32_t id);

// The id for the beginning of the chips' names, in this spelling; where several ids have one name,
// the lowest.
[[nodiscard]] std::optional<std::uint32_t> family_id(std::string_view name);

}  // namespace flashhost::uf2
