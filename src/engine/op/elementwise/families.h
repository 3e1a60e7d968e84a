// The family files, in opcode order. A new file is added here and gets a four-line *.isa.cc.
#pragma once

#define NINEFOLD_FAMILIES(visit) \
  visit(unary_math) visit(unary_special) visit(activations) visit(binary_math) visit(compare) visit(bitwise)
