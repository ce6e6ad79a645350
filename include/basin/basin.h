/* SPDX-License-Identifier: MIT
 *
 * Basin: energy-based learning in C. This header includes all the others, in
 * the order in which the rooms stand on each other.
 */
#ifndef BASIN_BASIN_H
#define BASIN_BASIN_H

#include "basin/base.h"
#include "basin/chain.h"
#include "basin/chain_model.h"
#include "basin/chain_train.h"
#include "basin/check.h"
#include "basin/condition.h"
#include "basin/corpus.h"
#include "basin/data.h"
#include "basin/energy.h"
#include "basin/evaluation.h"
#include "basin/graph.h"
#include "basin/inference.h"
#include "basin/lattice.h"
#include "basin/learn.h"
#include "basin/loss.h"
#include "basin/sequences.h"
#include "basin/tagger.h"
#include "basin/tensor.h"
#include "basin/weights.h"

#endif
