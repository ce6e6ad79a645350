/* SPDX-License-Identifier: MIT
 *
 * A corpus made in a program, name by name, without a text.
 */
#include "data/corpus.h"

#include <math.h>
#include <string.h>

/** Has the sequence that is being made a position yet? */
static bool began(const basin__corpus *c)
{
    const int64_t *first = (const int64_t *)(const void *)c->first.data;
    return c->positions > first[c->n];
}

basin_status basin_corpus_attribute(basin_corpus *corpus, bool edge,
    const char *name, float value, basin_error *error)
{
    basin__corpus *c = (basin__corpus *)corpus;
    BASIN_REQUIRE(isfinite(value), error, BASIN_E_NONFINITE,
        "the value of an attribute is not finite");
    BASIN_REQUIRE(!edge || began(c), error, BASIN_E_ARGUMENT,
        "no step leads to the first position of a sequence, so none can have "
        "an attribute");
    size_t length = strlen(name);
    return basin__corpus_attribute(c, edge,
        basin__corpus_hash(c, edge, name, length), name, length, value, error);
}

basin_status basin_corpus_position(
    basin_corpus *corpus, const char *label, basin_error *error)
{
    basin__corpus *c = (basin__corpus *)corpus;
    int32_t id = -1;
    if (label)
        BASIN_TRY(basin__corpus_label(c, &id, label, strlen(label), error));
    if (corpus->format == BASIN_CORPUS_FIND)
        corpus->format = BASIN_CORPUS_ATTRIBUTES;
    BASIN_TRY(basin__corpus_line(c, id, c->consumed, error));
    return basin__corpus_position(c, error);
}

basin_status basin_corpus_sequence(
    basin_corpus *corpus, float weight, basin_error *error)
{
    basin__corpus *c = (basin__corpus *)corpus;
    BASIN_REQUIRE(weight >= 0.0f && isfinite(weight), error, BASIN_E_RANGE,
        "the weight of a sequence is a finite number, 0 or more");
    BASIN_TRY(basin__corpus_sequence(c, weight, error));
    basin__corpus_publish(c);
    return BASIN_OK;
}
