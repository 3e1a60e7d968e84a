// In: the logs of epochs. Out: a CSV file, as Python's csv module writes it.
#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstdio>
#include <cstring>

#include "base/json_text.h"
#include "train/fit/monitor.h"
#include "train/model/values.h"

namespace ninefold::keras {
namespace {

struct CsvOptions {
  std::string filename = {};
  std::string separator = ",";
  bool append = false;
};

class CSVLogger : public CallbackOf<CsvOptions> {
 public:
  static const Schema<Options>& schema() {
    static const Schema<Options> s = Schema<Options>().required("filename", &Options::filename)
        .field("separator", &Options::separator).field("append", &Options::append);
    return s;
  }
  void on(std::string_view hook, int64_t epoch, ValueDict& logs) override {
    if (hook == "on_train_begin") open();
    if (hook == "on_epoch_end") write(epoch, logs);
    if (hook == "on_train_end") {
      file_.reset();
      begun_ = false;
    }
  }

 private:
  struct Close { void operator()(std::FILE* f) const { std::fclose(f); } };
  void open() {
    if (options.append)
      if (std::unique_ptr<std::FILE, Close> before{std::fopen(options.filename.c_str(), "r")})
        header_ = std::fgetc(before.get()) == EOF;
    file_.reset(std::fopen(options.filename.c_str(), options.append ? "a" : "w"));
    check(file_ != nullptr, Code::not_found, "{}; {}", options.filename, std::strerror(errno));
  }
  std::string cell(const Value& v) const {
    std::string text = nest::python_text(v);
    if (const double* d = v.get<double>()) text = python_float(*d);
    if (text.find_first_of("\"\r\n" + options.separator) == std::string::npos) return text;
    std::string quoted = "\"";
    for (char c : text) quoted += c == '"' ? "\"\"" : std::string(1, c);
    return quoted + "\"";
  }
  // Keras' logs hold learning rates as float32, whose shortest form is "0.1".
  std::string rate(const Value& v) const {
    const double* d = v.get<double>();
    if (!d || static_cast<double>(static_cast<float>(*d)) != *d) return cell(v);
    char digits[40];
    *std::to_chars(digits, digits + sizeof digits - 1, static_cast<float>(*d)).ptr = 0;
    return python_float(std::strtod(digits, nullptr));
  }
  void row(const std::vector<std::string>& cells) {
    std::string line;
    for (const std::string& c : cells) line += (&c == &cells[0] ? "" : options.separator) + c;
    line += "\r\n";
    const bool written = std::fwrite(line.data(), 1, line.size(), file_.get()) == line.size() &&
                         std::fflush(file_.get()) == 0;
    check(written, Code::os, "CSVLogger: cannot write {}: {}", options.filename, std::strerror(errno));
  }
  void write(int64_t epoch, const ValueDict& logs) {
    if (keys_.empty()) {
      for (const Entry& e : logs) keys_.push_back(e.key);
      std::sort(keys_.begin(), keys_.end());
    }
    if (!begun_ && header_) {
      std::vector<std::string> names = {"epoch"};
      for (const std::string& k : keys_) names.push_back(cell(k));
      row(names);
    }
    begun_ = true;
    std::vector<std::string> cells = {std::to_string(epoch)};
    for (const std::string& k : keys_) {
      const Value* v = nest::find(logs, k);
      // Readers of the file would stumble over a row that is short of one.
      check(v || told(model_, "stop_training").stop_training, Code::key, "'{}'", k);
      cells.push_back(!v ? "NA" : k == "lr" ? rate(*v) : cell(*v));
    }
    row(cells);
  }
  std::unique_ptr<std::FILE, Close> file_;
  std::vector<std::string> keys_;
  bool header_ = true, begun_ = false;
};

const ObjectRecord csv_logger_record = callback_record<CSVLogger>("CSVLogger", "Streams the logs of epochs to a CSV file.");
NINEFOLD_OBJECT(csv_logger_record);

}  // namespace
}  // namespace ninefold::keras
