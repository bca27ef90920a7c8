#include "tests/support/damaged_message.hpp"

#include <google/protobuf/descriptor.h>

#include <vector>

namespace mpic::test {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::Reflection;

// One place that can be changed: a value, or an entry of a list of them.
struct Place {
  Message* in;
  const FieldDescriptor* field;
  int index;  // in a list; -1: it is none
  std::string path;
};

void collect(Message& message, const std::string& before, std::vector<Place>& out) {
  const Reflection& reflection = *message.GetReflection();
  std::vector<const FieldDescriptor*> fields;
  reflection.ListFields(message, &fields);
  for (const FieldDescriptor* field : fields) {
    const std::string path = before.empty() ? field->name() : before + "." + field->name();
    const int entries = field->is_repeated() ? reflection.FieldSize(message, field) : 1;
    for (int i = 0; i < entries; ++i) {
      out.push_back({&message, field, field->is_repeated() ? i : -1, path});
      if (field->cpp_type() != FieldDescriptor::CPPTYPE_MESSAGE) continue;
      collect(field->is_repeated() ? *reflection.MutableRepeatedMessage(&message, field, i)
                                   : *reflection.MutableMessage(&message, field),
              path, out);
    }
  }
}

class Change {
 public:
  Change(const Place& place, std::mt19937_64& random) : place_(place), random_(random) {}

  // How, for people; none: it cannot be.
  std::optional<std::string> make() {
    if (place_.index >= 0 && pick(3) == 0) return in_list();
    if (pick(4) == 0 && place_.index < 0) {
      reflection().ClearField(place_.in, place_.field);
      return "cleared";
    }
    switch (place_.field->cpp_type()) {
      case FieldDescriptor::CPPTYPE_MESSAGE:
        return std::nullopt;
      case FieldDescriptor::CPPTYPE_STRING:
        return text();
      default:
        return place_.index >= 0 ? std::nullopt : number();
    }
  }

 private:
  std::size_t pick(std::size_t below) { return std::uniform_int_distribution<std::size_t>(0, below - 1)(random_); }
  [[nodiscard]] const Reflection& reflection() const { return *place_.in->GetReflection(); }

  std::optional<std::string> in_list() {
    const int size = reflection().FieldSize(*place_.in, place_.field);
    const int other = static_cast<int>(pick(static_cast<std::size_t>(size)));
    if (pick(2) == 0 && other != place_.index) {
      reflection().SwapElements(place_.in, place_.field, place_.index, other);
      return "exchanged";
    }
    if (pick(2) == 0 && place_.field->cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE) {
      Message* added = reflection().AddMessage(place_.in, place_.field);
      added->CopyFrom(reflection().GetRepeatedMessage(*place_.in, place_.field, place_.index));
      return "doubled";
    }
    reflection().SwapElements(place_.in, place_.field, place_.index, size - 1);
    reflection().RemoveLast(place_.in, place_.field);
    return "removed";
  }

  std::optional<std::string> text() {
    std::string value = place_.index >= 0 ? reflection().GetRepeatedString(*place_.in, place_.field, place_.index)
                                          : reflection().GetString(*place_.in, place_.field);
    if (value.empty()) return std::nullopt;
    const std::size_t at = pick(value.size());
    const bool is_text = place_.field->type() == FieldDescriptor::TYPE_STRING;
    value[at] = is_text ? (value[at] == 'q' ? 'z' : 'q') : static_cast<char>(value[at] ^ (1 << pick(8)));
    if (place_.index >= 0) {
      reflection().SetRepeatedString(place_.in, place_.field, place_.index, value);
    } else {
      reflection().SetString(place_.in, place_.field, value);
    }
    return "octet";
  }

  std::optional<std::string> number() {
    const Reflection& by = reflection();
    Message* in = place_.in;
    const FieldDescriptor* field = place_.field;
    switch (field->cpp_type()) {
      case FieldDescriptor::CPPTYPE_BOOL:
        by.SetBool(in, field, !by.GetBool(*in, field));
        return "other";
      case FieldDescriptor::CPPTYPE_INT32:
        by.SetInt32(in, field, by.GetInt32(*in, field) ^ 1);
        return "other";
      case FieldDescriptor::CPPTYPE_INT64:
        by.SetInt64(in, field, by.GetInt64(*in, field) + (pick(2) == 0 ? 100 : -100));
        return "other";
      case FieldDescriptor::CPPTYPE_UINT32:
        by.SetUInt32(in, field, by.GetUInt32(*in, field) + 1);
        return "other";
      case FieldDescriptor::CPPTYPE_UINT64:
        by.SetUInt64(in, field, by.GetUInt64(*in, field) + 1);
        return "other";
      case FieldDescriptor::CPPTYPE_ENUM:
        by.SetEnumValue(in, field, 1 + by.GetEnumValue(*in, field) % 3);
        return "other";
      default:
        return std::nullopt;
    }
  }

  const Place& place_;
  std::mt19937_64& random_;
};

}  // namespace

std::optional<std::string> change_something(Message& message, std::mt19937_64& random) {
  std::vector<Place> places;
  collect(message, "", places);
  const Place& place = places.at(std::uniform_int_distribution<std::size_t>(0, places.size() - 1)(random));
  const auto how = Change(place, random).make();
  return how ? std::optional(place.path) : std::nullopt;
}

}  // namespace mpic::test
