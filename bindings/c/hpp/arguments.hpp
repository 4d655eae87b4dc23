// What goes in: a text or none, and accounts from any range.
#pragma once

#include <cstddef>
#include <iterator>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

namespace hwm {
inline namespace v0_1 {

/** Text for the C API, or none: takes what converts to `const char *` or to std::string.
 *
 *  NULL is none, as in C, and so are std::nullopt and an empty std::optional. Numbers and bools are no
 *  text and do not compile: `"0"` and `"true"` do. */
class Text {
  public:
    /** None. */
    Text() noexcept = default;
    /** A copy of the text, or none. */
    template <class T, class = std::enable_if_t<std::is_convertible_v<T, const char *> ||
                                                std::is_convertible_v<T, std::optional<std::string>>>>
    Text(T &&text) {
        if constexpr (std::is_convertible_v<T, const char *>) {
            if (const char *const chars = text; chars != nullptr)
                text_ = chars;
        } else {
            std::optional<std::string> copy = std::forward<T>(text);
            text_ = std::move(copy);
        }
    }
    /** For the C API: NULL for none. */
    const char *get() const noexcept { return text_ ? text_->c_str() : nullptr; }

  private:
    std::optional<std::string> text_;
};

namespace detail {

/** Whether elements of an iterator are still there when it has gone on. */
template <class Iterator, class = void> struct Stays : std::false_type {};
template <class Iterator>
struct Stays<Iterator, std::void_t<typename std::iterator_traits<Iterator>::iterator_category>>
    : std::is_base_of<std::forward_iterator_tag,
                      typename std::iterator_traits<Iterator>::iterator_category> {};

/** The accounts of a range in two arrays. Only what the range makes on the way is copied. */
class Accounts {
  public:
    template <class Range> explicit Accounts(Range &&range) {
        using std::begin;
        using Iterator = std::decay_t<decltype(begin(range))>;
        using Element = decltype(*std::declval<Iterator &>());
        static_assert(std::is_convertible_v<Element, std::string_view>,
                      "accounts must convert to std::string_view");
        constexpr bool borrowed = Stays<Iterator>::value && std::is_reference_v<Element>;
        for (auto &&account : range) {
            if constexpr (std::is_pointer_v<std::decay_t<Element>>) {
                if (account == nullptr) {
                    add(nullptr, 0); // The library names it.
                    continue;
                }
            }
            const std::string_view view = account;
            if constexpr (borrowed) {
                // An empty view may have no address; the library refuses the account by its length.
                add(view.data() != nullptr ? view.data() : "", view.size());
            } else {
                add("", view.size());
                copies_.append(view);
            }
        }
        if constexpr (!borrowed) {
            const char *next = copies_.data();
            for (std::size_t i = 0; i < pointers_.size(); next += lengths_[i], i++)
                pointers_[i] = pointers_[i] != nullptr ? next : nullptr;
        }
    }
    const char *const *pointers() const noexcept { return pointers_.data(); }
    const std::size_t *lengths() const noexcept { return lengths_.data(); }
    std::size_t size() const noexcept { return pointers_.size(); }

  private:
    void add(const char *account, std::size_t length) {
        pointers_.push_back(account);
        lengths_.push_back(length);
    }
    std::vector<const char *> pointers_;
    std::vector<std::size_t> lengths_;
    std::string copies_;
};

} // namespace detail

} // namespace v0_1
} // namespace hwm
