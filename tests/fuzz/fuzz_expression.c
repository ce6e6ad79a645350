/* SPDX-License-Identifier: MIT
 *
 * Fuzzing of losses as text: no text may break the reader, what it refuses has
 * a place in the text, and what it takes has the same value as float64 and as
 * a ball, where both are sure of it.
 */
#include "basin/check.h"
#include "fuzz.h"
#include "loss/expression.h"

static void check_values(const basin_expression *q)
{
    static const double points[][2] = {{0, 0}, {1, 2}, {-3, .5}, {1e3, -1e-3}};
    for (size_t i = 0; i < sizeof points / sizeof *points; i++) {
        double d_c, d_i;
        double v =
            basin_expression_value(q, points[i][0], points[i][1], &d_c, &d_i);
        basin__ball ec = basin__ball_of(points[i][0]);
        basin__ball ei = basin__ball_of(points[i][1]), out;
        basin__expression_ball(&out, q, &ec, &ei);
        FUZZ_CHECK(out.kind <= BASIN__NAN);
        if (out.kind == BASIN__FINITE)
            FUZZ_CHECK(out.limb[BASIN__LIMBS - 1] >> 31);
        /* one operation has no room for cancellation */
        if (q->n_steps <= 3 && out.kind == BASIN__FINITE && v - v == 0) {
            double exact = basin__ball_double(&out);
            double gap = exact - v;
            FUZZ_CHECK(gap <= 1e-9 * (1 + (exact < 0 ? -exact : exact)) &&
                       -gap <= 1e-9 * (1 + (exact < 0 ? -exact : exact)));
        }
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    basin_context *ctx = fuzz_open();
    basin_error error = {0};
    basin_expression *q = NULL;
    char *text = malloc(size + 1);
    FUZZ_CHECK(text);
    memcpy(text, data, size);
    text[size] = 0;
    basin_status status = basin_expression_create(&q, ctx, text, &error);
    FUZZ_CHECK(status == error.code);
    if (status == BASIN_OK) {
        check_values(q);
        basin_expression_destroy(q);
    } else {
        FUZZ_CHECK(!q && error.message[0]);
        FUZZ_CHECK(error.line == 1 && error.column >= 1 &&
                   (size_t)error.column <= strlen(text) + 1);
    }
    FUZZ_CHECK(basin_context_bytes(ctx) > 0);
    basin_context_destroy(ctx);
    free(text);
    return 0;
}
