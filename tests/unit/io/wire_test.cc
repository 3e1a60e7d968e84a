// In: a GraphDef that TensorFlow 2.9.0 wrote, hand-made messages, damaged ones. Out: the same bytes again,
// TensorFlow's own bytes, typed errors.
#include "base/wire.h"

#include <gtest/gtest.h>

#include "base/fd.h"

namespace ninefold::wire {
namespace {

std::string recorded(const std::string& name) {
  return read_file("test", std::string(NINEFOLD_TEST_DATA "/io/") + name).value();
}

TEST(Wire, TensorFlowsGraphComesBackByteForByte) {
  const std::string bytes = recorded("tf_graph.pb");
  const GraphDef graph = decode_graph(bytes);
  EXPECT_EQ(graph.versions.producer, kProducer);
  EXPECT_EQ(graph.function.size(), 5u);  // the call, two branches, the loop's condition and body
  EXPECT_EQ(graph.node.front().op, "Placeholder");
  const AttrValue& shape = graph.node.front().attr.at("shape");
  EXPECT_EQ(std::get<Shape>(shape.value).dims, (std::vector<std::int64_t>{-1, 2}));
  EXPECT_EQ(encode(graph), bytes);
}

// What TensorFlow 2.9.0's SerializeToString gives for the same message.
TEST(Wire, Messages) {
  const auto hex = [](const std::string& bytes) {
    std::string text;
    for (const unsigned char byte : bytes) text += "0123456789abcdef"[byte >> 4], text += "0123456789abcdef"[byte & 15];
    return text;
  };
  Tensor scalar;
  scalar.dtype = 1;
  scalar.content = std::string("\0\0\0?", 4);
  EXPECT_EQ(hex(encode(scalar)), "0801120022040000003f");
  scalar.typed_fields = true;
  EXPECT_EQ(hex(encode(scalar)), "080112002a040000003f");
  EXPECT_EQ(hex(encode(Shape{false, {-1, 3}})), "120b08ffffffffffffffffff0112020803");
  EXPECT_EQ(hex(encode(Shape{true, {}})), "1801");
  EXPECT_EQ(hex(encode(AttrValue{std::int64_t{0}})), "1800");
  EXPECT_EQ(hex(encode(AttrValue{false})), "2800");
  EXPECT_EQ(hex(encode(AttrValue{std::string()})), "1200");
  EXPECT_EQ(hex(encode(AttrValue{AttrList{}})), "0a00");
  EXPECT_EQ(hex(encode(AttrValue{Type{9}})), "3009");
  EXPECT_EQ(hex(encode(GraphDef{})), "12002205" "08bf08100c");
}

TEST(Wire, TypedFieldsOfEveryDtype) {
  for (int dtype = 1; dtype <= 23; ++dtype) {
    const std::size_t size = element_size(dtype);
    if (size == 0) continue;
    Tensor tensor;
    tensor.dtype = dtype;
    tensor.shape.dims = {3};
    tensor.typed_fields = true;
    for (std::size_t i = 0; i < 3 * size; ++i) tensor.content += static_cast<char>(dtype == 10 ? i % 2 : 17 * i + 1);
    const Tensor back = decode_tensor(encode(tensor));
    EXPECT_EQ(back.content, tensor.content) << dtype;
    EXPECT_TRUE(back.typed_fields) << dtype;
  }
}

TEST(Wire, ShortContentRepeatsItsLastElement) {
  Tensor tensor;
  tensor.dtype = 5;
  tensor.shape.dims = {2, 2};
  EXPECT_EQ(dense_content(tensor), std::string(8, '\0'));
  tensor.content = std::string("\1\0\2\0", 4);
  EXPECT_EQ(dense_content(tensor), std::string("\1\0\2\0\2\0\2\0", 8));
  tensor.shape.dims = {1 << 20, 1 << 20};
  EXPECT_THROW(dense_content(tensor), Error);
  tensor.shape.dims = {std::int64_t{1} << 62, 8};
  EXPECT_THROW(dense_content(tensor), Error);
}

TEST(Wire, EveryTruncationAndManyDamagesAreTyped) {
  const std::string bytes = recorded("tf_graph.pb");
  const auto attempt = [](std::string_view damaged) {
    try {
      (void)encode(decode_graph(damaged));
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), Code::data_loss) << error.message();
    }
  };
  for (std::size_t size = 0; size < bytes.size(); ++size) attempt(std::string_view(bytes).substr(0, size));
  std::uint64_t random = 7;
  for (int i = 0; i < 5000; ++i) {
    std::string damaged = bytes;
    for (int flips = 0; flips < 3; ++flips) {
      random = random * 6364136223846793005u + 1442695040888963407u;
      damaged[(random >> 33) % damaged.size()] = static_cast<char>(random >> 20);
    }
    attempt(damaged);
  }
}

TEST(Wire, DepthIsBounded) {
  // A function whose attribute is a function ...: field 10, then an entry (2) with a value (2).
  std::string nested;
  const auto wrap = [](char tag, const std::string& inner) {
    std::string length;
    for (std::size_t left = inner.size();; left >>= 7) {
      length += static_cast<char>(left > 127 ? (left & 127) | 128 : left);
      if (left <= 127) break;
    }
    return tag + length + inner;
  };
  for (int i = 0; i < 100; ++i) nested = wrap(0x52, wrap(0x12, wrap(0x12, nested)));
  try {
    decode_attr(nested);
    ADD_FAILURE();
  } catch (const Error& error) {
    EXPECT_NE(error.message().find("nested deeper than 100"), std::string::npos) << error.message();
  }
}

}  // namespace
}  // namespace ninefold::wire
