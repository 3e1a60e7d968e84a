# One interface target carries the flags, so that every room is compiled the same way.
add_library(ninefold_warnings INTERFACE)
target_compile_options(ninefold_warnings INTERFACE -Wall -Wextra -Werror -fno-math-errno)
if(NINEFOLD_SANITIZE)
  target_compile_options(ninefold_warnings INTERFACE -fsanitize=${NINEFOLD_SANITIZE}
                         -fno-omit-frame-pointer -g1)
  target_link_options(ninefold_warnings INTERFACE -fsanitize=${NINEFOLD_SANITIZE})
endif()
