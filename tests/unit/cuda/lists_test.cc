// In: lists of tensors whose elements a GPU made (emulated, or a card). Out: the CPU's values, on the device where the
// elements lie; lists of both devices' elements; loops that keep what their gradient reads on such lists.
#include "engine/tensor/resource.h"
#include "ninefold/function.h"
#include "ninefold/grad.h"
#include "same_on_both.h"

namespace ninefold {
namespace {

Tensor one(const char* name, const Tensors& in, std::vector<NamedAttr> attrs = {}) { return dispatch(find_op(name), in, Attrs(find_op(name), attrs))[0]; }
Tensor row_shape(const Shape& s) { return numbers(s.vector()); }

// What a program of lists gives, its ops wished for on one device.
template <class Program>
void same_lists(const char* what, const Program& program, bool on_gpu = true) {
  Tensors want, got;
  {
    const device::Within cpu("/device:CPU:0");
    want = program();
  }
  {
    const device::Within gpu("/device:GPU:0");
    got = program();
  }
  ASSERT_EQ(got.size(), want.size()) << what;
  for (size_t i = 0; i < got.size(); ++i) {
    if (is_floating(got[i].dtype()) && on_gpu) {
      EXPECT_FALSE(on_host(got[i])) << what << " " << i;
    }
    expect_near(got[i], want[i], 0, what);
  }
}

TEST_F(Gpu, ListsKeepTheirElementsWhereTheyLie) {
  for (DType d : {DType::f32, DType::f16, DType::f64})
    for (const Shape& row : {Shape{3}, Shape{64}, Shape{2, 1025}, Shape{}, Shape{0}}) {
      const NamedAttr dtype("element_dtype", d);
      const Tensor shape = row_shape(row), rows = whole(d, Shape{5}.concat(row));
      same_lists("stack of what came from a tensor", [&] {
        const Tensor twice = rows + rows;
        const Tensor list = one("TensorListFromTensor", {twice, shape});
        Tensors out = {one("TensorListStack", {list, shape}, {dtype}), one("TensorListLength", {list})};
        for (int i = 0; i < 5; ++i) out.push_back(one("TensorListGetItem", {list, Tensor(i), shape}, {dtype}));
        return out;
      });
      same_lists("set, resized, with gaps", [&] {
        Tensor list = one("TensorListReserve", {shape, Tensor(4)}, {dtype});
        const Tensor a = one("TensorListGetItem", {one("TensorListFromTensor", {rows + rows, shape}), Tensor(2), shape}, {dtype});
        list = one("TensorListSetItem", {list, Tensor(1), a});
        list = one("TensorListSetItem", {list, Tensor(3), a + a});
        const Tensor before = list;
        list = one("TensorListSetItem", {list, Tensor(1), a + a + a});   // the list before keeps what it had
        list = one("TensorListResize", {list, Tensor(6)});
        return Tensors{one("TensorListStack", {list, shape}, {dtype}), one("TensorListStack", {before, shape}, {dtype}),
                       one("TensorListGetItem", {list, Tensor(0), shape}, {dtype}), one("TensorListStack", {one("ZerosLike", {list}), shape}, {dtype})};
      });
      same_lists("pushed and popped", [&] {
        Tensor list = one("EmptyTensorList", {shape, Tensor(-1)}, {dtype});
        const Tensor a = one("TensorListGetItem", {one("TensorListFromTensor", {rows + rows, shape}), Tensor(4), shape}, {dtype});
        for (int i = 0; i < 11; ++i) list = one("TensorListPushBack", {list, i % 2 ? a : a + a});
        const Tensors popped = dispatch(find_op("TensorListPopBack"), std::vector<Tensor>{list, shape}, Attrs(find_op("TensorListPopBack"), std::vector{dtype}));
        return Tensors{popped[1], one("TensorListStack", {popped[0], shape}, {dtype}), one("TensorListStack", {list, shape}, {dtype})};
      });
      same_lists("sums", [&] {
        const Tensor list = one("TensorListFromTensor", {rows + rows, shape}), more = one("TensorListFromTensor", {rows, shape});
        const Tensor gap = one("TensorListSetItem", {one("TensorListReserve", {shape, Tensor(5)}, {dtype}), Tensor(2), one("TensorListGetItem", {list, Tensor(1), shape}, {dtype})});
        return Tensors{one("TensorListStack", {one("AddN", {list, more, list}), shape}, {dtype}), one("TensorListStack", {one("AddN", {list, gap}), shape}, {dtype}),
                       one("TensorListStack", {one("AddN", {gap, more}), shape}, {dtype})};
      });
      if (row.rank() > 0)
        same_lists("split and concatenated", [&] {
          const Tensor list = one("TensorListSplit", {rows + rows, row_shape(Shape{-1}.concat(row)), numbers({2, 0, 3}, DType::i64)});
          const Tensors both = dispatch(find_op("TensorListConcatV2"), std::vector<Tensor>{list, row_shape(Shape{-1}.concat(row)), numbers({}, DType::i64)},
                                        Attrs(find_op("TensorListConcatV2"), std::vector{dtype}));
          return Tensors{both[0], both[1]};
        });
      if (HasFatalFailure()) return;
    }
}

TEST_F(Gpu, ListsHoldElementsOfBothDevices) {
  const Tensor there = one("AddV2", {whole(DType::f32, {3}), Tensor::zeros(DType::f32, {3})});
  ASSERT_FALSE(on_host(there));
  const Tensor here = Tensor::of<float>({3}, {1, 2, 3}), shape = numbers({3});
  for (bool gpu_first : {true, false}) {
    Tensor list = one("TensorListReserve", {shape, Tensor(2)}, {{"element_dtype", DType::f32}});
    list = one("TensorListSetItem", {list, Tensor(0), gpu_first ? there : here});
    list = one("TensorListSetItem", {list, Tensor(1), gpu_first ? here : there});
    const Tensor all = one("TensorListStack", {list, shape}, {{"element_dtype", DType::f32}});
    EXPECT_EQ(on_host(all), !gpu_first) << "a list lies where its first element does";
    for (int i = 0; i < 3; ++i) {
      EXPECT_EQ(all.as<float>()[i], (gpu_first ? there : here).as<float>()[i]);
      EXPECT_EQ(all.as<float>()[3 + i], (gpu_first ? here : there).as<float>()[i]);
    }
  }
}

// In a plan: rows go in, are read by index, and come out, where they lie.
TEST_F(Gpu, ListsOfFunctionsStayThere) {
  const Tensor shape = numbers({4});
  const Traced f([&](const Tensors& in) -> Tensors {
    const NamedAttr dtype("element_dtype", DType::f32);
    const Tensor list = one("TensorListFromTensor", {in[0] * in[0], shape});
    Tensor out = one("TensorListReserve", {shape, Tensor(3)}, {dtype});
    for (int i = 0; i < 3; ++i)
      out = one("TensorListSetItem", {out, Tensor(i), one("TensorListGetItem", {list, Tensor(2 - i), shape}, {dtype}) + Tensor(1.0f)});
    return {one("TensorListStack", {out, shape}, {dtype}), one("TensorListLength", {out})};
  });
  const Tensor x = Tensor::of<float>({3, 4}, {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12});
  for (int round = 0; round < 2; ++round) {
    const Tensors got = f({x});
    EXPECT_FALSE(on_host(got[0]));
    EXPECT_EQ(got[0].as<float>()[0], 82);
    EXPECT_EQ(got[0].as<float>()[11], 17);
    EXPECT_EQ(*got[1].as<int32_t>(), 3);
  }
  GradientTape tape;
  tape.watch(x);
  const Tensor dx = tape.gradient({f({x})[0]}, {x})[0];
  for (int i = 0; i < 12; ++i) EXPECT_FLOAT_EQ(dx.as<float>()[i], 2 * x.as<float>()[i]);
}

}  // namespace
}  // namespace ninefold
