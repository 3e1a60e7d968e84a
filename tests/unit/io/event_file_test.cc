// In: records and scalars. Out: the bytes TensorFlow 2.9.0 wrote for them; typed errors for damaged files.
#include "train/io/event_file.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <cstring>
#include <filesystem>
#include <fstream>
#include <regex>

#include "temp_folder.h"
#include "train/io/record_file.h"

namespace ninefold::io {
namespace {

namespace fs = std::filesystem;

std::string recorded(const std::string& name) {
  return read_file("test", std::string(NINEFOLD_TEST_DATA "/io/") + name).value();
}

void put(const std::string& path, const std::string& bytes) { std::ofstream(path, std::ios::binary) << bytes; }

std::vector<std::string> records_of(const std::string& path) {
  RecordReader reader(path);
  std::vector<std::string> records;
  for (std::string record; reader.next(record);) records.push_back(record);
  return records;
}

const std::vector<std::string>& three_records() {
  static const std::vector<std::string> records = [] {
    std::string all;
    for (int byte = 0; byte < 256; ++byte) all.push_back(static_cast<char>(byte));
    return std::vector<std::string>{"", "one", all};
  }();
  return records;
}

TEST(RecordFile, ReadsAndWritesTensorFlowsBytes) {
  EXPECT_EQ(records_of(NINEFOLD_TEST_DATA "/io/tf_records"), three_records());
  const test::TempFolder folder;
  RecordWriter writer(folder / "r");
  for (const std::string& record : three_records()) writer.write(record);
  writer.close();
  EXPECT_EQ(read_file("test", folder / "r").value(), recorded("tf_records"));
}

TEST(RecordFile, LargeRecords) {
  const test::TempFolder folder;
  std::vector<std::string> written;
  RecordWriter writer(folder / "r");
  for (const std::size_t size : {1023, 262143, 262144, 262145, 700000, 5}) {
    written.emplace_back(size, static_cast<char>('a' + written.size()));
    writer.write(written.back());
  }
  writer.close();
  EXPECT_EQ(records_of(folder / "r"), written);
}

TEST(RecordFile, DamagedFiles) {
  const std::string whole = recorded("tf_records");  // records at 0, 16 and 35
  const auto flipped = [&](std::size_t at) {
    std::string bytes = whole;
    bytes[at] ^= 1;
    return bytes;
  };
  struct Row {
    std::string bytes;
    std::string says;
  };
  const Row rows[] = {
      {whole.substr(0, 5), "truncated record at 0"},       {whole.substr(0, 30), "truncated record at 16"},
      {whole.substr(0, 306), "truncated record at 35"},    {flipped(0), "corrupted record at 0: the checksum of its length"},
      {flipped(24), "corrupted record at 16: the checksum of its length"},
      {flipped(29), "corrupted record at 16: the checksum of its data"},
      {flipped(306), "corrupted record at 35: the checksum of its data"},
      {"<html>this is no record file</html>", "corrupted record at 0"}};
  const test::TempFolder folder;
  for (const Row& row : rows) {
    put(folder / "r", row.bytes);
    try {
      records_of(folder / "r");
      ADD_FAILURE() << row.says;
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), Code::data_loss);
      EXPECT_NE(error.message().find(row.says), std::string::npos) << error.message();
    }
  }
  for (std::size_t size = 0; size < whole.size(); ++size) {  // whole records before the cut are read
    put(folder / "r", whole.substr(0, size));
    const bool at_border = size == 0 || size == 16 || size == 35;
    if (at_border) EXPECT_NO_THROW(records_of(folder / "r")) << size;
    else EXPECT_THROW(records_of(folder / "r"), Error) << size;
  }
  EXPECT_THROW(RecordReader(folder / "missing"), Error);
}

TEST(RecordFile, FullDisk) {
  RecordWriter writer("/dev/full");
  writer.write("x");
  try {
    writer.close();
    ADD_FAILURE();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), Code::resource_exhausted);
    EXPECT_NE(error.message().find("no space left on the device (ENOSPC)"), std::string::npos);
  }
  EXPECT_THROW(writer.write("y"), Error);
}

TEST(EventFile, SameBytesAsTensorFlow) {
  const auto events = records_of(NINEFOLD_TEST_DATA "/io/tf_events");
  ASSERT_EQ(events.size(), 3u);
  const auto time_of = [](const std::string& event) {  // field 1, fixed64
    double time;
    std::memcpy(&time, event.data() + 1, 8);
    return time;
  };
  EXPECT_EQ(encode_version_event(time_of(events[0])), events[0]);
  EXPECT_EQ(encode_event(time_of(events[1]), 0, scalar_summary("epoch_loss", 0.5f)), events[1]);
  EXPECT_EQ(encode_event(time_of(events[2]), 1, scalar_summary("epoch_loss", 0.25f, "The loss.")), events[2]);
}

TEST(EventFile, NameQueueAndClose) {
  const test::TempFolder folder;
  EventWriter writer(folder / "logs/train");
  const std::string name = fs::path(writer.path()).filename();
  EXPECT_TRUE(std::regex_match(name, std::regex(R"(events\.out\.tfevents\.\d{10}\..+\.\d+\.\d+\.v2)"))) << name;
  EXPECT_NE(name.find("." + std::to_string(getpid()) + "."), std::string::npos);
  EXPECT_EQ(records_of(writer.path()).size(), 1u);
  for (int step = 0; step < 10; ++step) writer.scalar("loss", 1.0f, step);
  EXPECT_EQ(records_of(writer.path()).size(), 1u);  // ten wait
  writer.scalar("loss", 1.0f, 10);
  EXPECT_EQ(records_of(writer.path()).size(), 12u);  // the eleventh brings them out
  writer.scalar("loss", 1.0f, 11);
  writer.flush();
  EXPECT_EQ(records_of(writer.path()).size(), 13u);
  writer.close();
  writer.close();
  EXPECT_THROW(writer.scalar("loss", 1.0f, 12), Error);
  EXPECT_NE(EventWriter(folder / "logs/train").path(), writer.path());
}

TEST(EventFile, DeletedFolderIsBegunAnew) {
  const test::TempFolder folder;
  EventWriter writer(folder / "logs");
  const std::string first = writer.path();
  writer.scalar("loss", 1.0f, 0);
  fs::remove_all(folder / "logs");
  writer.flush();
  EXPECT_NE(writer.path(), first);
  EXPECT_EQ(records_of(writer.path()).size(), 2u);  // version and the scalar that waited
}

TEST(EventFile, LogdirThatIsAFile) {
  const test::TempFolder folder;
  put(folder / "logs", "x");
  try {
    EventWriter writer(folder / "logs");
    ADD_FAILURE();
  } catch (const Error& error) {
    EXPECT_EQ(error.message(), "summary writer: make folder " + (folder / "logs") +
              ": a part of the path is not a folder (ENOTDIR); check the path");
  }
}

}  // namespace
}  // namespace ninefold::io
