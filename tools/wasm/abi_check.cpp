// Compiled (not linked) before OpenCV: the headers must lay out memory as Pyodide's main module does, for a difference would
// corrupt memory without a word. libc++ 18, for example, makes std::ostringstream 4 bytes smaller.
#include <ctime>
#include <functional>
#include <mutex>
#include <sstream>
#include <string>

static_assert(_LIBCPP_VERSION / 100 == 1901, "libc++ 19.1, as in the main module");
static_assert(sizeof(void *) == 4 && sizeof(long) == 4 && sizeof(std::size_t) == 4, "wasm32");
static_assert(sizeof(std::time_t) == 8, "musl with a 64-bit time_t");
static_assert(sizeof(std::ostringstream) == 140 && sizeof(std::stringstream) == 148, "streams");
static_assert(sizeof(std::string) == 12 && sizeof(std::function<void()>) == 24 && sizeof(std::mutex) == 24, "libc++ ABI 2");
