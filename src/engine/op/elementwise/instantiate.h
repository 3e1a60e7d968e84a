// In: a family of expressions. Out: its loops for the instruction set this file is compiled for.
// Only *.isa.cc files include this, and nothing in here may call a function of the standard library that
// is not a builtin: its code would be emitted for this instruction set under a shared name.
#pragma once

#include "base/simd/math.h"
#include "engine/op/elementwise/kernels.h"

namespace ninefold::elementwise {

// Where a family's loops are put; called through a plain function, so that no std code runs in here.
struct Sink {
  void* table;
  void (*add)(void* table, const char* name, const char* formula, int operands, bool first_is_condition,
              int dtype, int out_dtype, Loop loop, FaultLoop fault, const char* fault_text);
};

namespace NINEFOLD_ISA {

namespace isa = simd::NINEFOLD_ISA;

template <class N>
struct Memory;  // how a value lies in memory
template <class T>
struct Memory<isa::Num<T>> {
  using type = T;
  NF_INLINE static isa::Num<T> load(T x) { return x; }
  NF_INLINE static T store(isa::Num<T> x) { return x.v; }
};
template <>
struct Memory<isa::Bool> {
  using type = uint8_t;
  NF_INLINE static isa::Bool load(uint8_t x) { return x != 0; }
  NF_INLINE static uint8_t store(isa::Bool x) { return x.v; }
};
template <class N>
using InMemory = typename Memory<N>::type;

template <class N> inline constexpr int dtype_of = 0;
template <> inline constexpr int dtype_of<isa::Num<float>> = dt_float;
template <> inline constexpr int dtype_of<isa::Num<double>> = dt_double;
template <> inline constexpr int dtype_of<isa::Num<int32_t>> = dt_int32;
template <> inline constexpr int dtype_of<isa::Num<int64_t>> = dt_int64;
template <> inline constexpr int dtype_of<isa::Num<uint64_t>> = dt_uint64;
template <> inline constexpr int dtype_of<isa::Bool> = dt_bool;

// ivdep: an output may be the very memory of an input, never a shifted part of it.
template <class F, class A>
void loop1(void* out, const void* const* in, int64_t n) {
  using R = decltype(F{}(A{}));
  auto* y = static_cast<InMemory<R>*>(out);
  auto* a = static_cast<const InMemory<A>*>(in[0]);
#pragma GCC ivdep
  for (int64_t i = 0; i < n; ++i) y[i] = Memory<R>::store(F{}(Memory<A>::load(a[i])));
}
template <class F, class A, class Test, class Exact>
void loop_rare(void* out, const void* const* in, int64_t n) {
  auto* y = static_cast<InMemory<A>*>(out);
  auto* a = static_cast<const InMemory<A>*>(in[0]);
  int any = 0;
  for (int64_t i = 0; i < n; ++i) any |= Test{}(Memory<A>::load(a[i])).v;
  if (!any) return loop1<F, A>(out, in, n);
  for (int64_t i = 0; i < n; ++i) {
    const A x = Memory<A>::load(a[i]);
    y[i] = Memory<A>::store(Test{}(x).v ? Exact{}(x) : F{}(x));
  }
}
template <class F, class A, class B>
void loop2(void* out, const void* const* in, int64_t n) {
  using R = decltype(F{}(A{}, B{}));
  auto* y = static_cast<InMemory<R>*>(out);
  auto* a = static_cast<const InMemory<A>*>(in[0]);
  auto* b = static_cast<const InMemory<B>*>(in[1]);
#pragma GCC ivdep
  for (int64_t i = 0; i < n; ++i) y[i] = Memory<R>::store(F{}(Memory<A>::load(a[i]), Memory<B>::load(b[i])));
}
template <class F, class A, class B, class C>
void loop3(void* out, const void* const* in, int64_t n) {
  using R = decltype(F{}(A{}, B{}, C{}));
  auto* y = static_cast<InMemory<R>*>(out);
  auto* a = static_cast<const InMemory<A>*>(in[0]);
  auto* b = static_cast<const InMemory<B>*>(in[1]);
  auto* c = static_cast<const InMemory<C>*>(in[2]);
#pragma GCC ivdep
  for (int64_t i = 0; i < n; ++i)
    y[i] = Memory<R>::store(F{}(Memory<A>::load(a[i]), Memory<B>::load(b[i]), Memory<C>::load(c[i])));
}
template <class F, class A>
bool fault2(const void* const* in, int64_t n) {
  auto* a = static_cast<const InMemory<A>*>(in[0]);
  auto* b = static_cast<const InMemory<A>*>(in[1]);
  int any = 0;
  for (int64_t i = 0; i < n; ++i) any |= F{}(Memory<A>::load(a[i]), Memory<A>::load(b[i])).v;
  return any != 0;
}

struct NoFault {};

template <class F, class A, class Bad>
struct Loop1 { static constexpr Loop value = loop1<F, A>; };
template <class F, class A, class Test, class Exact>
struct Loop1<F, A, Rare<Test, Exact>> { static constexpr Loop value = loop_rare<F, A, Test, Exact>; };

// The visitor that a family file is given.
struct Instantiate {
  Sink sink;

  template <class Kinds, class F, class Bad = NoFault>
  void operator()(const char* name, const char* formula, Kinds, F, Bad = {}, const char* fault_text = "") const {
    if constexpr (Kinds::floats) {
      one<Kinds, F, Bad, isa::Num<float>>(name, formula, fault_text);
      one<Kinds, F, Bad, isa::Num<double>>(name, formula, fault_text);
    }
    if constexpr (Kinds::ints) {
      one<Kinds, F, Bad, isa::Num<int32_t>>(name, formula, fault_text);
      one<Kinds, F, Bad, isa::Num<int64_t>>(name, formula, fault_text);
      one<Kinds, F, Bad, isa::Num<uint64_t>>(name, formula, fault_text);
    }
    if constexpr (Kinds::bools) one<Kinds, F, Bad, isa::Bool>(name, formula, fault_text);
  }

  template <class Kinds, class F, class Bad, class N>
  void one(const char* name, const char* formula, const char* fault_text) const {
    using First = std::conditional_t<Kinds::first_is_condition, isa::Bool, N>;
    FaultLoop fault = nullptr;
    if constexpr (std::is_invocable_v<F, First>) {
      add<Kinds, decltype(F{}(First{})), N>(name, formula, 1, Loop1<F, First, Bad>::value, fault, fault_text);
    } else if constexpr (std::is_invocable_v<F, First, N>) {
      if constexpr (!std::is_same_v<Bad, NoFault>) fault = fault2<Bad, N>;
      add<Kinds, decltype(F{}(First{}, N{})), N>(name, formula, 2, loop2<F, First, N>, fault, fault_text);
    } else {
      add<Kinds, decltype(F{}(First{}, N{}, N{})), N>(name, formula, 3, loop3<F, First, N, N>, fault, fault_text);
    }
  }

  template <class Kinds, class R, class N>
  void add(const char* name, const char* formula, int operands, Loop loop, FaultLoop fault,
           const char* fault_text) const {
    sink.add(sink.table, name, formula, operands, Kinds::first_is_condition, dtype_of<N>, dtype_of<R>, loop, fault,
             fault_text);
  }
};

}  // namespace NINEFOLD_ISA
}  // namespace ninefold::elementwise

// One line makes a family's file for an instruction set.
#define NINEFOLD_FAMILY(family)                                                       \
  namespace ninefold::elementwise::NINEFOLD_ISA {                                     \
  void add_##family(const Sink& sink) { family(Instantiate{sink}); }                  \
  }
