// Meta tags of an HTML page (BR 3.2.2.5.1: the value stands in a meta tag). Pure; fuzzed.
//
// What counts is what a browser takes for a meta tag, as far as this needs no whole parser. Not looked at is what
// stands in a comment, in another tag's attributes, in elements that hold text only (script, style, title, textarea,
// ...), and a tag that the page's end cuts. Of a script's inner rules only its end tag is known.
#pragma once

#include <string_view>

namespace mpic::rules {

// True when a <meta> tag of `page`, in any case, has `value` as its content attribute, whole: in single or double
// quotes or without, as it stands or with its "&" written as "&amp;". No other character reference is resolved. Of an
// attribute that is repeated the first counts. Linear in the page. Precondition: `value` is not empty.
[[nodiscard]] bool has_meta_content(std::string_view page, std::string_view value);

}  // namespace mpic::rules
