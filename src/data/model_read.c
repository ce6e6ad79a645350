/* SPDX-License-Identifier: MIT
 *
 * Reading a model: the description in the metadata says what to build, and the
 * tensors must be those of what was built, no more and no less.
 */
#include "data/model.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "data/text.h"

/* ------------------------------------------------------------ description */

typedef struct description {
    basin_bytes text;
    bool format; /* said, and one that we read */
} description;

static basin_status take_meta(
    void *user, const char *key, const char *value, basin_error *error)
{
    description *d = user;
    if (!strcmp(key, BASIN__MODEL_KEY_MODEL))
        return basin_bytes_append(&d->text, value, strlen(value), error);
    if (strcmp(key, BASIN__MODEL_KEY_FORMAT) != 0)
        return BASIN_OK;
    double format = 0.0;
    size_t length = strlen(value);
    char quote[BASIN__QUOTE];
    BASIN_REQUIRE(length > 0 &&
                      basin_parse_number(&format, value, length) == length &&
                      format >= 1.0 && format == floor(format),
        error, BASIN_E_FORMAT, "basin.format is '%s'; a number is expected",
        basin__quote(quote, value, length));
    BASIN_REQUIRE(format <= BASIN__MODEL_FORMAT, error, BASIN_E_FORMAT,
        "the model was written by a newer version of Basin: its format is %s, "
        "and the newest that is read here is %d",
        basin__quote(quote, value, length), BASIN__MODEL_FORMAT);
    d->format = true;
    return BASIN_OK;
}

/* ----------------------------------------------------------------- tensors */

static basin_status check_shape(
    const basin__tensor *t, const basin_stored *s, basin_error *error)
{
    char quote[BASIN__QUOTE], shapes[2][96] = {"", ""};
    bool same = t->n_dims == s->n_dims;
    for (int i = 0; i < t->n_dims && i < s->n_dims; i++)
        same = same && t->dims[i] == s->dims[i];
    basin__quote(quote, s->name, strlen(s->name));
    BASIN_REQUIRE(!strcmp(s->type, "F32"), error, BASIN_E_FORMAT,
        "tensor '%s' is of type %s; the models of Basin are F32", quote,
        s->type);
    if (same)
        return BASIN_OK;
    for (int k = 0; k < 2; k++)
        for (int i = 0, n = k ? t->n_dims : s->n_dims; i < n; i++) {
            size_t used = strlen(shapes[k]);
            basin_format(shapes[k] + used, sizeof shapes[k] - used, "%s%lld",
                i ? ", " : "", (long long)(k ? t->dims[i] : s->dims[i]));
        }
    return basin_error_set(error, BASIN_E_FORMAT,
        "tensor '%s' has the shape (%s); the model's has (%s)", quote,
        shapes[0], shapes[1]);
}

static int by_name(const void *key, const void *element)
{
    const basin__tensor *const *t = element;
    return strcmp(key, (*t)->name);
}

typedef struct loading {
    basin__tensors tensors;
    const char *prefix; /* of the names that count; NULL: all must */
} loading;

static basin_status take_named(
    basin__tensors *tensors, const basin_stored *stored, basin_error *error)
{
    basin__tensor **found =
        tensors->n ? bsearch(stored->name, tensors->by_name, tensors->n,
                         sizeof *tensors->by_name, by_name)
                   : NULL;
    char quote[BASIN__QUOTE];
    if (!found && strncmp(stored->name, BASIN__MODEL_PREFIX,
                      strlen(BASIN__MODEL_PREFIX)) == 0)
        return BASIN_OK;
    BASIN_REQUIRE(found, error, BASIN_E_FORMAT,
        "tensor '%s' belongs to nothing in the model",
        basin__quote(quote, stored->name, strlen(stored->name)));
    basin__tensor *t = *found;
    BASIN_TRY(check_shape(t, stored, error));
    for (size_t i = 0; i < t->count; i++) {
        const unsigned char *b = stored->data + 4 * i;
        uint32_t bits = (uint32_t)b[0] | (uint32_t)b[1] << 8 |
                        (uint32_t)b[2] << 16 | (uint32_t)b[3] << 24;
        memcpy(&t->values[i], &bits, sizeof bits);
    }
    t->seen = true;
    return basin__tensor_finite(t, error);
}

static basin_status take_tensor(
    void *user, const basin_stored *stored, basin_error *error)
{
    loading *l = user;
    if (!l->prefix)
        return take_named(&l->tensors, stored, error);
    const size_t length = strlen(l->prefix);
    if (strncmp(stored->name, l->prefix, length) != 0)
        return BASIN_OK;
    basin_stored bare = *stored;
    basin_format(bare.name, sizeof bare.name, "%s", stored->name + length);
    return take_named(&l->tensors, &bare, error);
}

basin_status basin__model_load(
    basin_energy *energy, const void *data, size_t size, basin_error *error)
{
    return basin__model_load_part(energy, NULL, data, size, error);
}

basin_status basin__model_load_part(basin_energy *energy, const char *prefix,
    const void *data, size_t size, basin_error *error)
{
    loading l = {.prefix = prefix};
    basin_error inner = {0};
    if (basin__tensors_init(&l.tensors, energy, &inner) != BASIN_OK)
        return basin__wrap(error, "the model", &inner);
    const basin__tensors tensors = l.tensors;
    basin_status status =
        basin_safetensors_walk(data, size, take_tensor, NULL, &l, error);
    for (size_t i = 0; i < tensors.n && status == BASIN_OK; i++) {
        char quote[BASIN__QUOTE];
        const char *name = tensors.at[i].name;
        if (!tensors.at[i].seen)
            status = basin_error_set(error, BASIN_E_FORMAT,
                "tensor '%s' of the model is missing",
                basin__quote(quote, name, strlen(name)));
    }
    basin__tensors_finish(&l.tensors);
    return status;
}

/* ------------------------------------------------------------------- model */

static basin_status read_model(basin_energy **out, basin_context *ctx,
    const void *data, size_t size, basin_error *error)
{
    basin_energy *energy = NULL;
    description d = {.format = false};
    basin_bytes_init(&d.text, ctx);
    basin_status status =
        basin_safetensors_walk(data, size, NULL, take_meta, &d, error);
    if (status == BASIN_OK && (d.text.size == 0 || !d.format))
        status = basin_error_set(error, BASIN_E_FORMAT,
            "a safetensors file, but no model of Basin: no %s in its metadata",
            d.text.size ? BASIN__MODEL_KEY_FORMAT : BASIN__MODEL_KEY_MODEL);
    if (status == BASIN_OK)
        status = basin__model_build(&energy, ctx, &d.text, size, error);
    basin_bytes_finish(&d.text);
    if (status != BASIN_OK)
        return status;
    status = basin__model_load(energy, data, size, error);
    if (status == BASIN_OK)
        *out = energy;
    else
        basin_energy_destroy(energy);
    return status;
}

basin_status basin_model_read(basin_energy **out, basin_context *ctx,
    const void *data, size_t size, basin_error *error)
{
    *out = NULL;
    basin_status status = read_model(out, ctx, data, size, error);
    /* names from the file went through other rooms, and may hold anything */
    if (status != BASIN_OK)
        basin__clean_message(error);
    return status;
}
