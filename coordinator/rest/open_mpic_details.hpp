// What a perspective saw, as the Open MPIC API tells it in `details`. Pure.
#pragma once

#include <boost/json/object.hpp>
#include <string>

#include "common/domain/observation.hpp"

namespace mpic::coordinator {

// `caa_record_present`, `found_at`, `records_seen`: of the first record set on the climb. Null where a lookup failed
// before one, or nothing was seen.
[[nodiscard]] boost::json::object caa_details(const CaaObservation* seen);

// By what the method looks with: records and their lookup; hops and page; the certificate's common name. Every field is
// null where nothing was seen; those of a page also where no page was had. Text that is no printable ASCII is escaped;
// pages are base64.
[[nodiscard]] boost::json::object dcv_details(DcvMethod method, const DcvObservation* seen);

}  // namespace mpic::coordinator
