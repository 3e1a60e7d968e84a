# One interface target carries the flags, so that every room is compiled the same way.
# -ffp-contract=off: a product and a sum round twice, as in TensorFlow; fma is asked for by name.
# -fwrapv: integer tensors wrap, as TensorFlow's do.
add_library(ninefold_warnings INTERFACE)
target_compile_options(ninefold_warnings INTERFACE -Wall -Wextra -Werror -fno-math-errno
                       -ffp-contract=off -fwrapv)
if(NINEFOLD_SANITIZE)
  # Checks of every pointer for null, type and object double the time to compile and find little that the
  # address sanitizer does not.
  target_compile_options(ninefold_warnings INTERFACE -fsanitize=${NINEFOLD_SANITIZE}
                         -fno-sanitize=vptr,null,object-size -fno-omit-frame-pointer -g1
                         -Wno-maybe-uninitialized)  # g++ 12 sees some in the standard library's regex
  target_link_options(ninefold_warnings INTERFACE -fsanitize=${NINEFOLD_SANITIZE})
endif()
