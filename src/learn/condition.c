/* SPDX-License-Identifier: MIT
 *
 * Condition 6, sample by sample: two backward passes each, one for the
 * difference E_C - E_I and one for the loss.
 */
#include "basin/condition.h"

#include "basin/math.h"
#include "learn/learn.h"

typedef struct measure {
    basin_inference *inference;
    const basin_condition6_def *def;
    const basin_samples *samples;
    basin_context *ctx;
    size_t n_params;
    float *difference, *gradient;       /* (n_params) */
    double *distance, *cosine, *sorted; /* (samples) */
} measure;

static basin_status check_values(const basin_space *space, const float *v,
    int n, const char *name, basin_error *error)
{
    for (int64_t i = 0; i < (int64_t)n * space->dim; i++)
        BASIN_REQUIRE(space->kind == BASIN_SPACE_BOX && v[i] >= space->low &&
                          v[i] <= space->high,
            error, BASIN_E_RANGE,
            "%s of sample %lld is %g; it must be from %g to %g", name,
            (long long)(i / space->dim) + 1, (double)v[i], (double)space->low,
            (double)space->high);
    return BASIN_OK;
}

/* The energies of one sample, and dL/dW for slopes that depend on them. */
static void backward(measure *m, int32_t sample, bool of_loss,
    basin_energies *energies, float *out)
{
    basin_slopes slopes = {.e_c = 1, .e_i = -1};
    basin_inference_answer(m->inference, m->samples->x, m->samples->y, &sample,
        1, false, 0, energies);
    if (of_loss) {
        slopes = (basin_slopes){0};
        m->def->slopes(m->def->user, energies, &slopes);
    }
    for (size_t i = 0; i < m->n_params; i++)
        out[i] = 0;
    basin_inference_weigh(m->inference, &slopes, 1, out);
}

static double cosine_of(const float *a, const float *b, size_t n)
{
    double ab = 0, aa = 0, bb = 0;
    for (size_t i = 0; i < n; i++) {
        ab += (double)a[i] * (double)b[i];
        aa += (double)a[i] * (double)a[i];
        bb += (double)b[i] * (double)b[i];
    }
    return aa > 0 && bb > 0 ? ab / basin_sqrt(aa) / basin_sqrt(bb) : ab;
}

static void count(basin_signs *signs, double cosine)
{
    if (cosine > 1e-6)
        signs->above++;
    else if (cosine < -1e-6)
        signs->below++;
    else
        signs->zero++;
}

static void sink(double *heap, int at, int n)
{
    for (int child; (child = 2 * at + 1) < n; at = child) {
        child += child + 1 < n && heap[child + 1] > heap[child];
        if (heap[child] <= heap[at])
            return;
        double swap = heap[at];
        heap[at] = heap[child];
        heap[child] = swap;
    }
}

static void sort(double *v, int n)
{
    for (int i = n / 2 - 1; i >= 0; i--)
        sink(v, i, n);
    for (int end = n - 1; end > 0; end--) {
        double swap = v[0];
        v[0] = v[end];
        v[end] = swap;
        sink(v, 0, end);
    }
}

/* The quarter that is nearest to the line; of equal ones the first. */
static void count_near(const measure *m, basin_condition6 *out)
{
    int n = m->samples->n, room = (n + 3) / 4;
    for (int i = 0; i < n; i++)
        m->sorted[i] = m->distance[i];
    sort(m->sorted, n);
    double last = m->sorted[room - 1];
    for (int i = 0; i < n; i++)
        room -= m->distance[i] < last;
    for (int i = 0; i < n; i++)
        if (m->distance[i] < last || (m->distance[i] == last && room-- > 0))
            count(&out->near, m->cosine[i]);
}

static basin_status measure_all(
    measure *m, basin_condition6 *out, basin_error *error)
{
    int n = m->samples->n;
    out->least = __builtin_inf();
    for (int i = 0; i < n; i++) {
        basin_energies e;
        backward(m, i, false, &e, m->difference);
        backward(m, i, true, &e, m->gradient);
        double c = cosine_of(m->difference, m->gradient, m->n_params);
        BASIN_REQUIRE(c - c == 0 && e.e_i - e.e_i == 0, error,
            BASIN_E_NONFINITE,
            "sample %d: the energies or their gradients are not finite", i + 1);
        m->distance[i] = __builtin_fabs(e.e_i - e.e_c - m->def->margin);
        m->cosine[i] = c;
        out->e_c += e.e_c / n;
        out->e_i += e.e_i / n;
        count(&out->all, c);
        if (c < out->least) {
            out->least = c;
            out->least_sample = i;
        }
    }
    count_near(m, out);
    return BASIN_OK;
}

static basin_status prepare(const measure *m, basin_error *error)
{
    const basin_energy_info *info =
        basin_energy_describe(basin_inference_energy(m->inference));
    BASIN_REQUIRE(m->samples->n >= 1, error, BASIN_E_RANGE,
        "there must be at least 1 sample; got %d", m->samples->n);
    BASIN_TRY(check_values(&info->x, m->samples->x, m->samples->n, "X", error));
    BASIN_TRY(check_values(&info->y, m->samples->y, m->samples->n, "Y", error));
    basin_question question = {
        .needs = m->def->needs | BASIN_NEED_EC | BASIN_NEED_EI,
        .offender = m->def->offender,
        .margin = m->def->margin,
        .values = true,
        .samples = 1};
    return basin_inference_prepare(m->inference, &question, error);
}

basin_status basin_condition6_measure(basin_condition6 *out,
    basin_inference *inference, const basin_condition6_def *def,
    const basin_samples *samples, basin_error *error)
{
    basin_energy *energy = basin_inference_energy(inference);
    measure m = {.inference = inference,
        .def = def,
        .samples = samples,
        .ctx = basin_energy_context(energy),
        .n_params = basin_energy_describe(energy)->n_params};
    *out = (basin_condition6){0};
    BASIN_TRY(prepare(&m, error));
    size_t params = (m.n_params + 1) * sizeof(float);
    size_t per_sample = (size_t)samples->n * sizeof(double);
    m.difference = basin_alloc(m.ctx, params);
    m.gradient = basin_alloc(m.ctx, params);
    m.distance = basin_alloc(m.ctx, per_sample);
    m.cosine = basin_alloc(m.ctx, per_sample);
    m.sorted = basin_alloc(m.ctx, per_sample);
    basin_status status =
        m.difference && m.gradient && m.distance && m.cosine && m.sorted
            ? measure_all(&m, out, error)
            : basin_error_set(error, BASIN_E_MEMORY,
                  "no memory for Condition 6 on %d samples", samples->n);
    basin_free(m.ctx, m.difference, params);
    basin_free(m.ctx, m.gradient, params);
    basin_free(m.ctx, m.distance, per_sample);
    basin_free(m.ctx, m.cosine, per_sample);
    basin_free(m.ctx, m.sorted, per_sample);
    return status;
}
