/* SPDX-License-Identifier: MIT
 *
 * CRFsuite's models: a header, two tables of names (CQDB), and the features,
 * all little-endian. The tables' hashes are not needed, for each also lists
 * where the name of each id is.
 */
#include "data/scorer.h"
#include "data/weights.h"

#include <math.h>
#include <string.h>

enum {
    HEADER_SIZE = 48,
    NAMES_HEADER_SIZE = 24,
    FEATURES_HEADER_SIZE = 12,
    FEATURE_SIZE = 20
};

/** Do `count` items of `size` bytes lie at `offset`? */
static bool fits(
    const basin__model *m, uint64_t offset, uint64_t count, uint64_t size)
{
    return offset <= m->size && count <= (m->size - offset) / size;
}

static basin_status truncated(basin__model *m, const char *what)
{
    return basin_error_set(m->error, BASIN_E_FORMAT,
        "CRFsuite's model is cut off or broken: the %s reach past its end at "
        "byte %zu",
        what, m->size);
}

/** One table of names. @param offset of it in the file @param n names */
static basin_status read_names(basin__model *m, basin_dictionary *d,
    uint32_t offset, uint32_t n, const char *what)
{
    if (!fits(m, offset, NAMES_HEADER_SIZE, 1))
        return truncated(m, what);
    const char *base = m->data + offset;
    BASIN_REQUIRE(
        !memcmp(base, "CQDB", 4) && basin__u32(base + 12) == 0x62445371,
        m->error, BASIN_E_FORMAT,
        "CRFsuite's model is broken: the %s do not begin as a table of names "
        "at byte %u",
        what, offset);
    uint64_t list = (uint64_t)offset + basin__u32(base + 20);
    if (n > 0 && !fits(m, list, n, 4))
        return truncated(m, what);
    for (uint32_t i = 0; i < n; i++) {
        uint64_t at =
            (uint64_t)offset + basin__u32(m->data + list + 4 * (uint64_t)i);
        if (!fits(m, at, 8, 1))
            return truncated(m, what);
        uint32_t length = basin__u32(m->data + at + 4); /* with its NUL */
        if (!fits(m, at + 8, length, 1))
            return truncated(m, what);
        const char *name = m->data + at + 8;
        BASIN_REQUIRE(at > offset && length > 0 && !name[length - 1], m->error,
            BASIN_E_FORMAT,
            "CRFsuite's model is broken: name %u of the %s does not end", i,
            what);
        BASIN_TRY(basin__model_name(m, d, name, length - 1));
    }
    return BASIN_OK;
}

static basin_status read_features(
    basin__model *m, uint32_t offset, uint32_t labels, uint32_t attributes)
{
    if (!fits(m, offset, FEATURES_HEADER_SIZE, 1))
        return truncated(m, "features");
    const char *at = m->data + offset;
    BASIN_REQUIRE(!memcmp(at, "FEAT", 4), m->error, BASIN_E_FORMAT,
        "CRFsuite's model is broken: no features at byte %u", offset);
    uint32_t n = basin__u32(at + 8);
    at += FEATURES_HEADER_SIZE;
    if (!fits(m, (uint64_t)offset + FEATURES_HEADER_SIZE, n, FEATURE_SIZE))
        return truncated(m, "features");
    for (uint32_t i = 0; i < n; i++, at += FEATURE_SIZE) {
        uint32_t type = basin__u32(at), source = basin__u32(at + 4);
        uint32_t label = basin__u32(at + 8);
        double value = basin__f64(at + 12);
        BASIN_REQUIRE(type <= 1 && label < labels &&
                          source < (type ? labels : attributes) &&
                          isfinite(value),
            m->error, BASIN_E_FORMAT,
            "CRFsuite's model is broken: feature %u (type %u, from %u to %u)",
            i, type, source, label);
        basin_chain_weight weight = {type ? -1 : (int32_t)source,
            type ? (int32_t)source : -1, (int32_t)label, value};
        BASIN_TRY(basin_chain_weights_add(m->w, weight, m->error));
    }
    return BASIN_OK;
}

static basin_status check_header(const basin__model *m)
{
    BASIN_REQUIRE(m->size >= HEADER_SIZE, m->error, BASIN_E_FORMAT,
        "CRFsuite's model is cut off: it has %zu bytes, and its header alone "
        "%d",
        m->size, HEADER_SIZE);
    const char *h = m->data;
    BASIN_REQUIRE(!memcmp(h + 8, "FOMC", 4) && basin__u32(h + 12) == 100,
        m->error, BASIN_E_SERVE,
        "CRFsuite's model is of version %u or of another type; a chain of the "
        "first order (FOMC) of version 100 can be read",
        basin__u32(h + 12));
    uint32_t size = basin__u32(h + 4);
    BASIN_REQUIRE(size == m->size, m->error, BASIN_E_FORMAT,
        "CRFsuite's model is cut off or broken: it says that it has %u bytes, "
        "and has %zu",
        size, m->size);
    return BASIN_OK;
}

static basin_status read_labels(basin__model *m, basin_dictionary *labels)
{
    return read_names(m, labels, basin__u32(m->data + 32),
        basin__u32(m->data + 20), "labels");
}

basin_status basin__crfsuite_labels(basin_dictionary **out, basin_context *ctx,
    const char *data, size_t size, basin_error *error)
{
    basin__model m = {.data = data, .size = size, .error = error};
    BASIN_TRY(check_header(&m));
    BASIN_TRY(basin_dictionary_create(out, ctx, error));
    return read_labels(&m, *out);
}

basin_status basin__crfsuite_read(basin__model *m)
{
    m->w->source = BASIN_WEIGHTS_CRFSUITE;
    BASIN_TRY(check_header(m));
    const char *h = m->data;
    uint32_t labels = basin__u32(h + 20), attributes = basin__u32(h + 24);
    BASIN_TRY(read_labels(m, m->w->labels));
    BASIN_TRY(read_names(
        m, m->w->nodes, basin__u32(h + 36), attributes, "attributes"));
    return read_features(m, basin__u32(h + 28), labels, attributes);
}
