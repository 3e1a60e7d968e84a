// In: a step and the devices to run it on. Out: the step once a device, in lock-step, with what the replicas
// share brought together: tf.distribute.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "ninefold/function.h"

namespace ninefold::distribute {

enum class Reduce { sum, mean };

// tf.distribute.experimental.CommunicationOptions: what one call that brings values together is to know.
struct CommunicationOptions {
  int64_t bytes_per_pack = 0;                // a bucket's most; 0: what the strategy says
  double timeout_seconds = 0;                // NCCL's calls that take longer end with DeadlineExceededError; 0: no limit
  enum Implementation { automatic, ring, nccl } implementation = automatic;   // ring: without NCCL, by copies and additions
};

// How what the replicas of several GPUs have is brought together.
struct Communication {
  enum How {
    automatic,                               // as nccl, in buckets of at most `bytes`
    nccl,                                    // packed, one call of NCCL's a bucket; where NCCL is missing, copies and additions
    hierarchical,                            // packed, copied and added within each half of the devices, then across
    one_device,                              // tensor by tensor, copied to one device and added there
    own,                                     // by a function, whatever the devices are
  } how = automatic;
  int num_packs = 1;                         // of nccl and hierarchical: so many buckets of each dtype; 0: a tensor each
  std::string device = {};                   // where sums come to; none: the first. A strategy asks it of one_device only
  int64_t bytes = int64_t{25} << 20;
  // Of own: what each replica brought, of which nothing is undefined, as one tensor each.
  std::function<Tensors(const std::vector<Tensors>&, Reduce, const CommunicationOptions&)> function = {};
};

// How a step is spread over devices. Replicas of one process share their variables: an update is computed
// from what all of them bring and made once, which is what mirrored copies would agree on.
// On GPUs each replica has its own: what nobody wishes elsewhere runs there. Variables and updates are on the first one.
class NINEFOLD_API Strategy : public Foreign, public std::enable_shared_from_this<Strategy> {
 public:
  Strategy(std::string name, std::vector<std::string> devices, Communication = {});
  std::string describe() const override { return name_; }
  const std::vector<std::string>& devices() const { return devices_; }
  int replicas() const { return static_cast<int>(devices_.size()); }
  const Communication& communication() const { return communication_; }
  const std::string& root() const;           // where merges happen: the first device, or the one that was named for it
  // body(replica) for every replica, each on its own thread, one at a time and in order: replica 0 runs until
  // its first merge, then replica 1, ...; so a trace always has the same order. Within another run it raises
  // RuntimeError. The first error of a replica is thrown again here.
  std::vector<Value> run(const std::function<Value(int replica)>& body);

 private:
  std::string name_;
  std::vector<std::string> devices_;
  Communication communication_;
};
using StrategyPtr = std::shared_ptr<Strategy>;

// tf.distribute.MirroredStrategy: one replica a device; ValueError for none or a repeated one. No device
// given: all GPUs, else the first CPU.
NINEFOLD_API StrategyPtr mirrored(std::vector<std::string> devices = {}, Communication = {});
NINEFOLD_API StrategyPtr one_device(const std::string& device);
NINEFOLD_API StrategyPtr default_strategy();

// strategy.scope(): what is made inside belongs to the strategy.
class NINEFOLD_API Scope {
 public:
  explicit Scope(StrategyPtr strategy);
  ~Scope();
  Scope(const Scope&) = delete;

 private:
  StrategyPtr before_;
};
NINEFOLD_API StrategyPtr current();          // of the scope or the run around; never null
NINEFOLD_API bool in_scope();                // whether a strategy other than the default one is current
NINEFOLD_API int replica();                  // within run: which one; -1 outside
NINEFOLD_API int replicas();                 // within run: how many; else 1

// The replicas wait for each other; `merge` then runs once, with what each brought, and all get its result.
// Outside of run, or with one replica, it is merge({own}).
NINEFOLD_API Tensors merge_call(const Tensors& own, const std::function<Tensors(const std::vector<Tensors>&)>& merge);
// The sums over replicas of what each brought, as merges are given it; undefined ones count as nothing. Of replicas on several
// GPUs they come in buckets, the last tensors first: give gradients in the order in which the forward pass uses their variables.
// DeadlineExceededError where a limit was given and NCCL took longer, counted from when every card had brought its part.
NINEFOLD_API Tensors summed(const std::vector<Tensors>& of_replicas, const CommunicationOptions& = {});
// The same by a way of one's own. Replica r is at home on the current strategy's device r, or else where its tensors are.
NINEFOLD_API Tensors summed_by(const Communication&, const std::vector<Tensors>& of_replicas, const CommunicationOptions& = {});
// Each tensor summed (or averaged) over the replicas; an undefined one stays undefined.
NINEFOLD_API Tensors all_reduce(const Tensors& own, Reduce how, const CommunicationOptions& = {});

}  // namespace ninefold::distribute
