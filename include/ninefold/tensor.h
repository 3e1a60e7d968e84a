// In: values of any TensorFlow dtype. Out: Tensor, a shared handle to them, and the words that describe it.
#pragma once

#include <complex>
#include <cstdint>
#include <cstring>
#include <functional>
#include <initializer_list>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "ninefold/error.h"

namespace ninefold {

// TensorFlow's DataType numbers, so that files and graphs need no translation.
enum class DType : uint8_t {
  invalid = 0, f32 = 1, f64 = 2, i32 = 3, u8 = 4, i16 = 5, i8 = 6, string = 7, c64 = 8, i64 = 9,
  boolean = 10, qi8 = 11, qu8 = 12, qi32 = 13, bf16 = 14, qi16 = 15, qu16 = 16, u16 = 17, c128 = 18,
  f16 = 19, resource = 20, variant = 21, u32 = 22, u64 = 23,
};
inline constexpr int kDTypes = 24;

NINEFOLD_API size_t size_of(DType);                  // bytes of one element
NINEFOLD_API const char* name_of(DType);             // "float32", as tf.DType.name
NINEFOLD_API const char* short_name(DType);          // "float", as TensorFlow's kernels say it
NINEFOLD_API DType dtype_named(std::string_view);    // both spellings; invalid if there is none
NINEFOLD_API bool is_floating(DType);                // half, bfloat16, float, double
NINEFOLD_API bool is_integer(DType);                 // signed and unsigned, not quantised, not bool
NINEFOLD_API bool is_unsigned(DType);
NINEFOLD_API bool is_complex(DType);
inline bool is_numeric(DType d) { return is_floating(d) || is_integer(d) || is_complex(d); }
inline bool is_plain(DType d) {  // its elements are bytes: they can live in a slab and be copied
  return d != DType::string && d != DType::resource && d != DType::variant;
}
NINEFOLD_API DType real_part_of(DType);              // c64 -> f32, c128 -> f64, others themselves

struct Half { uint16_t bits; };
struct BFloat16 { uint16_t bits; };

template <class T> struct DTypeOf;
#define NINEFOLD_DTYPE(T, D) template <> struct DTypeOf<T> { static constexpr DType value = DType::D; }
NINEFOLD_DTYPE(float, f32); NINEFOLD_DTYPE(double, f64); NINEFOLD_DTYPE(int32_t, i32);
NINEFOLD_DTYPE(uint8_t, u8); NINEFOLD_DTYPE(int16_t, i16); NINEFOLD_DTYPE(int8_t, i8);
NINEFOLD_DTYPE(int64_t, i64); NINEFOLD_DTYPE(bool, boolean); NINEFOLD_DTYPE(uint16_t, u16);
NINEFOLD_DTYPE(uint32_t, u32); NINEFOLD_DTYPE(uint64_t, u64); NINEFOLD_DTYPE(Half, f16);
NINEFOLD_DTYPE(BFloat16, bf16); NINEFOLD_DTYPE(std::complex<float>, c64);
NINEFOLD_DTYPE(std::complex<double>, c128); NINEFOLD_DTYPE(std::string, string);
#undef NINEFOLD_DTYPE
template <class T> inline constexpr DType dtype_of = DTypeOf<T>::value;

// A shape, whole or partial: rank -1 is unknown, and so is a dimension of -1.
class NINEFOLD_API Shape {
 public:
  Shape() = default;  // a scalar
  Shape(std::initializer_list<int64_t> dims) : Shape(std::span<const int64_t>(dims.begin(), dims.size())) {}
  explicit Shape(std::span<const int64_t> dims) { assign(dims.data(), static_cast<int>(dims.size())); }
  explicit Shape(const std::vector<int64_t>& dims) : Shape(std::span<const int64_t>(dims)) {}
  Shape(const Shape& o) { assign(o.data(), o.rank_); }
  Shape(Shape&& o) noexcept { take(o); }
  Shape& operator=(const Shape& o) { if (this != &o) assign(o.data(), o.rank_); return *this; }
  Shape& operator=(Shape&& o) noexcept { if (this != &o) { reset(); take(o); } return *this; }
  ~Shape() { reset(); }
  static Shape unknown() { Shape s; s.rank_ = -1; return s; }
  static Shape of_rank(int rank) { return Shape(std::vector<int64_t>(static_cast<size_t>(rank), -1)); }

  int rank() const { return rank_; }
  bool known_rank() const { return rank_ >= 0; }
  bool fully_known() const;
  // ValueError for an axis that is not there.
  int64_t operator[](int axis) const { return data()[held(axis)]; }
  void set(int axis, int64_t dim) { data()[held(axis)] = dim; }
  int64_t dim(int axis) const { return data()[held(axis < 0 ? axis + rank_ : axis)]; }
  int64_t size() const {  // elements; call on whole shapes only
    int64_t n = 1;
    for (int i = 0; i < rank_; ++i) n *= data()[i];
    return n;
  }
  const int64_t* begin() const { return data(); }
  const int64_t* end() const { return data() + (rank_ < 0 ? 0 : rank_); }
  std::span<const int64_t> dims() const { return {begin(), end()}; }
  std::vector<int64_t> vector() const { return {begin(), end()}; }
  bool operator==(const Shape& o) const {
    return rank_ == o.rank_ && std::equal(begin(), end(), o.begin());
  }
  bool compatible(const Shape& o) const;          // could both describe one tensor?
  Shape merge(const Shape& o) const;              // what both say together; ValueError if they clash
  Shape relax(const Shape& o) const;              // what holds for both
  Shape slice(int from, int to) const;            // dims [from, to), which are there: else ValueError
  Shape concat(const Shape& tail) const;
  std::string str() const;                        // "[2,3]", "[?,3]", "<unknown>": as TensorFlow's kernels say
  std::string tuple() const;                      // "(2, 3)", "(None, 3)", "<unknown>": as Python prints it

 private:
  static constexpr int kInline = 5;
  int held(int axis) const {
    if (static_cast<unsigned>(axis) >= static_cast<unsigned>(rank_ < 0 ? 0 : rank_)) [[unlikely]] no_axis(axis);
    return axis;
  }
  [[noreturn]] void no_axis(int axis) const;
  int64_t* data() { return rank_ > kInline ? heap_ : inline_; }
  const int64_t* data() const { return rank_ > kInline ? heap_ : inline_; }
  void assign(const int64_t* dims, int rank);
  void reset() { if (rank_ > kInline) delete[] heap_; rank_ = 0; }
  void take(Shape& o) noexcept {
    rank_ = o.rank_;
    std::memcpy(static_cast<void*>(inline_), static_cast<const void*>(o.inline_), sizeof(inline_));
    o.rank_ = 0;
  }
  int rank_ = 0;
  union {
    int64_t inline_[kInline] = {};
    int64_t* heap_;
  };
};

// What a tensor will be: the leaf of every signature.
struct TensorSpec {
  Shape shape = Shape::unknown();
  DType dtype = DType::f32;
  std::string name;
  bool operator==(const TensorSpec& o) const { return dtype == o.dtype && shape == o.shape; }
};

struct TensorImpl;
class Device;

// A value: immutable, shared, of one dtype and shape. Concrete (it has memory on a device) or symbolic
// (it stands for what a node of a trace will produce).
class NINEFOLD_API Tensor {
 public:
  Tensor() = default;
  Tensor(const Tensor& o) : impl_(o.impl_) { retain(); }
  Tensor(Tensor&& o) noexcept : impl_(std::exchange(o.impl_, nullptr)) {}
  Tensor& operator=(const Tensor& o) { Tensor(o).swap(*this); return *this; }
  Tensor& operator=(Tensor&& o) noexcept { Tensor(std::move(o)).swap(*this); return *this; }
  ~Tensor() { release(); }
  void swap(Tensor& o) noexcept { std::swap(impl_, o.impl_); }

  // Scalars and lists: Tensor(1.5f), Tensor::of<float>({2, 2}, {1, 2, 3, 4}).
  template <class T, class = std::enable_if_t<std::is_arithmetic_v<T>>>
  Tensor(T value) : Tensor(empty(dtype_of<T>, Shape{})) { *static_cast<T*>(writable()) = value; }
  template <class T> static Tensor of(const Shape& shape, std::initializer_list<T> values) {
    return copy_of(dtype_of<T>, shape, values.begin(), values.size());
  }
  template <class T> static Tensor of(const Shape& shape, const std::vector<T>& values) {
    return copy_of(dtype_of<T>, shape, values.data(), values.size());
  }
  static Tensor of_strings(const Shape& shape, std::vector<std::string> values);
  static Tensor of_string(std::string value) { return of_strings({}, {std::move(value)}); }
  static Tensor empty(DType, const Shape&);                     // uninitialised, on the host
  static Tensor zeros(DType, const Shape&);
  static Tensor copy_of(DType, const Shape&, const void* values, size_t count);
  // Memory of somebody else, used in place; `release` runs when the last handle is gone.
  static Tensor wrap(DType, const Shape&, void* data, std::function<void()> release);

  bool defined() const { return impl_ != nullptr; }
  explicit operator bool() const { return defined(); }
  bool symbolic() const;
  DType dtype() const;
  const Shape& shape() const;      // partial if symbolic
  int rank() const { return shape().rank(); }
  int64_t dim(int axis) const { return shape().dim(axis); }
  int64_t size() const { return shape().size(); }
  size_t bytes() const { return static_cast<size_t>(size()) * size_of(dtype()); }
  const std::string& device_name() const;  // "/job:localhost/replica:0/task:0/device:CPU:0"
  uint64_t id() const;                     // unique among all tensors of the process

  // Host memory, after whatever produces it is done. Raises if the tensor is symbolic.
  const void* data() const;
  void* writable() const;                  // only for the one who just made it
  template <class T> const T* as() const { return static_cast<const T*>(data()); }
  template <class T> T item() const { return *as<T>(); }
  // Any numeric dtype, converted: for host arguments such as axes and shapes.
  int64_t int_at(int64_t i) const;
  double float_at(int64_t i) const;
  std::vector<int64_t> ints() const;

  Tensor with_shape(const Shape&) const;   // same memory, other shape of the same size
  TensorImpl* impl() const { return impl_; }
  explicit Tensor(TensorImpl* adopted) : impl_(adopted) {}

 private:
  void retain() const;
  void release() const;
  TensorImpl* impl_ = nullptr;
};
using Tensors = std::vector<Tensor>;

// State that outlives a step. Reads are tensors; writes go through assign.
class VariableResource;
struct VariableOptions {
  std::string name = "Variable";
  bool trainable = true;
  Shape shape = Shape::unknown();   // the shape it is bound to; unknown: the initial value's
};
class NINEFOLD_API Variable {
 public:
  Variable() = default;
  explicit Variable(const Tensor& initial, VariableOptions options = {});
  explicit Variable(std::shared_ptr<VariableResource> r) : resource_(std::move(r)) {}
  bool defined() const { return resource_ != nullptr; }
  const std::string& name() const;          // with TensorFlow's ":0"
  DType dtype() const;
  const Shape& shape() const;
  bool trainable() const;
  Tensor handle() const;                    // a scalar of dtype resource: what ops take, what tapes watch
  Tensor read() const;                      // through ReadVariableOp, so that tapes and traces see it
  Tensor value() const;                     // the present value, unrecorded
  operator Tensor() const { return read(); }
  void assign(const Tensor&) const;
  void assign_add(const Tensor&) const;
  void assign_sub(const Tensor&) const;
  bool same(const Variable& o) const { return resource_ == o.resource_; }
  const std::shared_ptr<VariableResource>& resource() const { return resource_; }

 private:
  const VariableResource& made() const;     // raises InvalidArgument for a default-made one
  std::shared_ptr<VariableResource> resource_;
};

}  // namespace ninefold
