// In: what compile was given. Out: the state that training a model needs beside its weights.
#pragma once

#include "ninefold/distribute.h"
#include "train/model/containers.h"
#include "train/model/steps.h"
#include "train/model/trainability.h"

namespace ninefold::keras {

struct Model::Training {
  CompileOptions options;
  OptimizerPtr optimizer;
  Losses losses;
  Metrics metrics;
  bool compiled = false;
  Trainability trainable;             // when compile was called
  distribute::StrategyPtr strategy;   // in whose scope compile was called; null: none
  StepFunction train{Phase::train}, test{Phase::test}, predict{Phase::predict};
};

}  // namespace ninefold::keras
