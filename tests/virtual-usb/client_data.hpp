// The memory of programs, as umockdev hands it over with their requests.
#pragma once

#include <umockdev.h>

#include <cstddef>
#include <cstring>
#include <memory>
#include <optional>

namespace virtual_usb {

struct Unref {
  void operator()(gpointer object) const { g_object_unref(object); }
};
using Client = std::unique_ptr<UMockdevIoctlClient, Unref>;
using Data = std::unique_ptr<UMockdevIoctlData, Unref>;

inline Client keep(UMockdevIoctlClient *client) {
  return Client(static_cast<UMockdevIoctlClient *>(g_object_ref(client)));
}

inline Data resolve(UMockdevIoctlData *from, std::size_t offset, std::size_t size) {
  return Data(umockdev_ioctl_data_resolve(from, offset, size, nullptr));
}

// What the argument points to; null when it cannot be read.
inline Data argument(UMockdevIoctlClient *client, std::size_t size) {
  return resolve(umockdev_ioctl_client_get_arg(client), 0, size);
}

template <class T>
std::optional<T> value(UMockdevIoctlClient *client) {
  const Data data = argument(client, sizeof(T));
  if (!data) return {};
  T result{};
  std::memcpy(&result, data->data, sizeof(T));
  return result;
}

}  // namespace virtual_usb
