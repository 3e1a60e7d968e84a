// In: elements. Out: the same, kept (cache) or read ahead by a thread of their own (prefetch).
#include <pthread.h>

#include <condition_variable>
#include <deque>
#include <exception>
#include <mutex>
#include <thread>

#include "base/timeline.h"
#include "train/data/stage.h"

namespace ninefold {
namespace data {
namespace {

class CacheDataset : public Stage {
 public:
  using Stage::Stage;
  const char* stage() const override { return "CacheDataset"; }
  std::unique_ptr<DataIterator> pass(const PlacePtr& place) override {
    struct Kept : DataIterator {
      std::shared_ptr<CacheDataset> from;
      std::unique_ptr<DataIterator> pass;         // fills; null: all is kept
      std::vector<Tensors> seen;
      size_t at = 0;
      bool next(Tensors& out) override {
        if (!pass) {
          if (at >= from->kept_.size()) return false;
          out = from->kept_[at++];
          return true;
        }
        if (pass->next(out)) {
          seen.push_back(out);
          return true;
        }
        // Only a whole pass is kept; the first to finish wins.
        std::lock_guard hold(from->mutex_);
        if (!from->whole_) from->kept_ = std::move(seen), from->whole_ = true;
        at = from->kept_.size();
        pass.reset();
        return false;
      }
    };
    auto it = std::make_unique<Kept>();
    it->from = std::static_pointer_cast<CacheDataset>(shared_from_this());
    std::lock_guard hold(mutex_);
    if (!whole_) it->pass = input_->pass(place->below());
    return it;
  }

 private:
  std::mutex mutex_;            // guards whole_; kept_ does not change once whole_ is true
  bool whole_ = false;
  std::vector<Tensors> kept_;
};

class PrefetchDataset : public Stage {
 public:
  PrefetchDataset(DatasetPtr input, size_t size) : Stage(std::move(input)), size_(size) {}
  const char* stage() const override { return "PrefetchDataset"; }
  std::unique_ptr<DataIterator> pass(const PlacePtr& place) override { return std::make_unique<Ahead>(input_->pass(place->below()), shared_from_this(), size_); }

 private:
  struct Ahead : Over {
    Ahead(std::unique_ptr<DataIterator> i, DatasetPtr h, size_t s) : Over(std::move(i), std::move(h)), size(s) {
      reader = std::thread([this] { read(); });
    }
    ~Ahead() override {
      {
        std::lock_guard hold(mutex);
        stopped = true;
      }
      changed.notify_all();
      reader.join();
    }
    bool next(Tensors& out) override {
      std::unique_lock hold(mutex);
      timeline::Span waits(timeline::critical, timeline::Kind::input, "Prefetch::WaitForProducer");
      if (!ready.empty()) waits.forget();
      changed.wait(hold, [&] { return !ready.empty() || ended; });
      waits.end();
      if (ready.empty()) {
        if (fault) std::rethrow_exception(std::exchange(fault, nullptr));
        return false;
      }
      out = std::move(ready.front());
      ready.pop_front();
      hold.unlock();
      changed.notify_all();
      return true;
    }
    void read() {
      pthread_setname_np(pthread_self(), "tf_data_ahead");
      try {
        Tensors element;
        for (;;) {
          {
            std::unique_lock hold(mutex);
            timeline::Span full(timeline::critical, timeline::Kind::wait, "Prefetch::BufferFull");
            if (stopped || ready.size() < size) full.forget();
            changed.wait(hold, [&] { return stopped || ready.size() < size; });
            if (stopped) return;
          }
          timeline::Span span(timeline::critical, timeline::Kind::input, "PrefetchProduce");
          const bool more = input->next(element);
          span.end();
          std::lock_guard hold(mutex);
          if (more) ready.push_back(std::move(element));
          else ended = true;
          changed.notify_all();
          if (!more) return;
        }
      } catch (...) {
        std::lock_guard hold(mutex);
        fault = std::current_exception();
        ended = true;
        changed.notify_all();
      }
    }
    size_t size;
    std::mutex mutex;             // guards what follows
    std::condition_variable changed;
    std::deque<Tensors> ready;
    bool stopped = false, ended = false;
    std::exception_ptr fault;
    std::thread reader;
  };
  size_t size_;
};

}  // namespace
}  // namespace data

DatasetPtr Dataset::cache() { return std::make_shared<data::CacheDataset>(shared_from_this()); }
DatasetPtr Dataset::prefetch(int64_t buffer_size) {
  check(buffer_size >= -1, Code::invalid_argument, "buffer_size must be >= 0 or set buffer_size to be -1 for auto-tuning [Op:PrefetchDataset]");
  return std::make_shared<data::PrefetchDataset>(shared_from_this(), buffer_size < 1 ? 2 : static_cast<size_t>(buffer_size));
}

}  // namespace ninefold
