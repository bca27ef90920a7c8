// Lists of where visits come from, as firewalls read them.
#include <boost/json/parse.hpp>

#include "coordinator/perspectives/allow_list.hpp"
#include "tests/support/catch.hpp"

using namespace mpic;
using namespace mpic::coordinator;

namespace {

v1::ListPerspectivesResponse two() {
  v1::ListPerspectivesResponse out;
  v1::PerspectiveInfo& one = *out.add_perspectives();
  one.set_id("eu-west");
  one.set_role(v1::ROLE_REMOTE);
  one.set_rir(v1::RIR_RIPE);
  one.mutable_place()->set_name("Dublin");
  one.set_ready(true);
  one.add_egress("192.0.2.1");
  one.add_egress("2001:db8::1");
  v1::PerspectiveInfo& other = *out.add_perspectives();
  other.set_id("us-east");
  other.set_role(v1::ROLE_PRIMARY);
  other.set_rir(v1::RIR_ARIN);
  other.add_egress("192.0.2.2");
  other.add_egress("; drop table");  // what an agent told, and is no address
  return out;
}

}  // namespace

TEST_CASE("an allow-list has the addresses of all perspectives, and nothing else that agents tell", "[rest]") {
  CHECK(allow_list(two(), AllowListFormat::kPlain) == "192.0.2.1\n2001:db8::1\n192.0.2.2\n");
  CHECK(allow_list(two(), AllowListFormat::kNginx) ==
        "# Perspectives of multi-perspective issuance corroboration.\n"
        "allow 192.0.2.1;  # eu-west, RIPE\nallow 2001:db8::1;  # eu-west, RIPE\nallow 192.0.2.2;  # us-east, ARIN\n");
  CHECK(allow_list(two(), AllowListFormat::kNftables) ==
        "# Perspectives of multi-perspective issuance corroboration; for nft -f.\ntable inet mpic {\n"
        "  set perspectives4 {\n    type ipv4_addr\n    elements = { 192.0.2.1, 192.0.2.2 }\n  }\n"
        "  set perspectives6 {\n    type ipv6_addr\n    elements = { 2001:db8::1 }\n  }\n}\n");
  const auto json = boost::json::parse(allow_list(two(), AllowListFormat::kJson));
  const auto& first = json.as_object().at("perspectives").as_array().at(0).as_object();
  CHECK(first.at("perspective_code") == "eu-west");
  CHECK(first.at("egress").as_array().size() == 2);
}

TEST_CASE("a list without addresses is a list all the same", "[rest]") {
  const v1::ListPerspectivesResponse none;
  CHECK(allow_list(none, AllowListFormat::kPlain).empty());
  CHECK(allow_list(none, AllowListFormat::kNftables).find("elements") == std::string::npos);
  CHECK_FALSE(allow_list_format("iptables"));
}
