/* SPDX-License-Identifier: MIT
 *
 * The height field as lit triangles: normals, soft shadows and the darkness
 * of hollows are computed at the grid's points, and the part above the cap is
 * cut off flat, exactly along the plane.
 */
#include "view/panel.h"

#include <math.h>
#include <stdlib.h>

/* Lines on the surface, and spheres, in units of the box's side. */
#define LINES 20

typedef struct mesh {
    int nx, ny;
    float *t;           /* (nx, ny) height over the box's, not cut; or NaN */
    float *hollow;      /* (nx, ny) 0 open, 1 deep in a valley */
    float *scratch;     /* (nx, ny) */
    view_vertex *below; /* (nx, ny) projected, with the light of the slope */
    float lid[3];       /* colour of the cut at the cap, sRGB 0 to 255 */
    float flank[3];     /* colour of the cuts at the sides */
} mesh;

static basin_status mesh_init(mesh *m, int nx, int ny, basin_error *error)
{
    size_t n = (size_t)nx * (size_t)ny;
    *m = (mesh){.nx = nx, .ny = ny};
    m->t = malloc(n * sizeof *m->t);
    m->hollow = malloc(n * sizeof *m->hollow);
    m->scratch = malloc(n * sizeof *m->scratch);
    m->below = malloc(n * sizeof *m->below);
    BASIN_REQUIRE(m->t && m->hollow && m->scratch && m->below, error,
        BASIN_E_MEMORY, "out of memory for a surface of %d x %d points", nx,
        ny);
    return BASIN_OK;
}

static void mesh_finish(mesh *m)
{
    free(m->t);
    free(m->hollow);
    free(m->scratch);
    free(m->below);
}

/* The height that is drawn: cut at the cap, holes at the floor. */
static inline float drawn(float t)
{
    return t > 0.0f ? (t < 1.0f ? t : 1.0f) : 0.0f;
}

/* ------------------------------------------------------------------ hollows */

/* Mean over 2 r + 1 neighbours along one axis, by a running sum. */
static void box_blur(
    float *out, const float *in, int n, size_t stride, int radius)
{
    double sum = 0.0;
    for (int i = -radius; i <= radius; ++i) {
        int j = i < 0 ? 0 : (i >= n ? n - 1 : i);
        sum += (double)in[(size_t)j * stride];
    }
    for (int i = 0; i < n; ++i) {
        out[(size_t)i * stride] = (float)(sum / (2 * radius + 1));
        int in_at = i + radius + 1 < n ? i + radius + 1 : n - 1;
        int out_at = i - radius > 0 ? i - radius : 0;
        sum += (double)in[(size_t)in_at * stride] -
               (double)in[(size_t)out_at * stride];
    }
}

/* Add how far each point lies below the mean of its surroundings, in units
 * of their radius: an ambient occlusion that costs four running sums. */
static void add_hollow(
    mesh *m, float *blurred, const float *z, double share, double weight)
{
    size_t nx = (size_t)m->nx, ny = (size_t)m->ny;
    int rx = (int)(share * m->nx) + 1, ry = (int)(share * m->ny) + 1;
    for (size_t i = 0; i < nx; ++i)
        box_blur(m->scratch + i * ny, z + i * ny, m->ny, 1, ry);
    for (size_t j = 0; j < ny; ++j)
        box_blur(blurred + j, m->scratch + j, m->nx, ny, rx);
    float gain = (float)(weight * VIEW_TOP / (2.0 * share));
    for (size_t i = 0; i < nx * ny; ++i) {
        float depth = (blurred[i] - z[i]) * gain;
        m->hollow[i] += depth > 0.0f ? depth : 0.0f;
    }
}

/* ------------------------------------------------------------------ shadows */

/* 1 in the light, 0 in the dark: march towards the light over the heights. */
static float sunlight(const mesh *m, const float *z, int ix, int iy)
{
    view_vec l = basin__view_light;
    double flat = sqrt(l.x * l.x + l.y * l.y);
    double rise = l.z / flat / VIEW_TOP; /* of t, a unit of way */
    double sx = l.x / flat * 0.5 * (m->nx - 1);
    double sy = l.y / flat * 0.5 * (m->ny - 1);
    double start = (double)z[(size_t)ix * (size_t)m->ny + (size_t)iy];
    double worst = 0.0;
    for (double way = 0.06; way < 1.4; way += 0.06) {
        double x = ix + sx * way, y = iy + sy * way;
        double ray = start + rise * way;
        if (x < 0.0 || y < 0.0 || x > m->nx - 1 || y > m->ny - 1 || ray > 1.0)
            break;
        int jx = (int)x < m->nx - 2 ? (int)x : m->nx - 2;
        int jy = (int)y < m->ny - 2 ? (int)y : m->ny - 2;
        double fx = x - jx, fy = y - jy;
        const float *p = z + (size_t)jx * (size_t)m->ny + (size_t)jy;
        const float *q = p + m->ny;
        double here =
            (1.0 - fx) * ((1.0 - fy) * (double)p[0] + fy * (double)p[1]) +
            fx * ((1.0 - fy) * (double)q[0] + fy * (double)q[1]);
        /* the farther the blocker, the softer its shadow's edge */
        double dark = (here - ray) / (0.10 + 0.25 * way);
        worst = dark > worst ? dark : worst;
    }
    return (
        float)(worst < 1.0 ? 1.0 - worst * worst * (3.0 - 2.0 * worst) : 0.0);
}

/* ----------------------------------------------------------------- lighting */

static double to_linear(double c)
{
    return c * c * (0.7 * c + 0.3); /* near the sRGB curve, and cheap */
}

static float to_srgb(double c)
{
    c = c < 0.0 ? 0.0 : (c > 1.0 ? 1.0 : c);
    return (
        float)(255.0 * (c <= 0.0031308 ? 12.92 * c
                                       : 1.055 * pow(c, 1.0 / 2.4) - 0.055));
}

typedef struct paint {
    double linear[3];
    view_vec eye;
} paint;

static void light(float out[3], const paint *p, view_vec at, view_vec n,
    double sun, double open)
{
    double lambert = basin__view_dot(n, basin__view_light);
    lambert = lambert > 0.0 ? lambert : 0.0;
    double sky = 0.5 + 0.5 * n.z;
    view_vec to_eye = basin__view_unit(
        (view_vec){p->eye.x - at.x, p->eye.y - at.y, p->eye.z - at.z});
    view_vec half = basin__view_unit((view_vec){to_eye.x + basin__view_light.x,
        to_eye.y + basin__view_light.y, to_eye.z + basin__view_light.z});
    double s = basin__view_dot(n, half);
    s = s > 0.0 ? s : 0.0;
    double s2 = s * s, s4 = s2 * s2, s8 = s4 * s4;
    double gloss = s8 * s8 * s8 * s8 * 0.07 * sun;
    double diffuse = (0.30 + 0.30 * sky) * open +
                     0.72 * lambert * (0.35 + 0.65 * sun) * (0.4 + 0.6 * open);
    for (int i = 0; i < 3; ++i)
        out[i] = to_srgb(p->linear[i] * diffuse + gloss);
}

/* The normal from heights that are not cut, so that light does not bend
 * before the cap. */
static view_vec normal(const mesh *m, int ix, int iy)
{
    size_t ny = (size_t)m->ny;
    int ax = ix > 0 ? ix - 1 : ix, bx = ix < m->nx - 1 ? ix + 1 : ix;
    int ay = iy > 0 ? iy - 1 : iy, by = iy < m->ny - 1 ? iy + 1 : iy;
    double dx = (double)m->t[(size_t)bx * ny + (size_t)iy] -
                (double)m->t[(size_t)ax * ny + (size_t)iy];
    double dy = (double)m->t[(size_t)ix * ny + (size_t)by] -
                (double)m->t[(size_t)ix * ny + (size_t)ay];
    dx *= VIEW_TOP * 0.5 * (m->nx - 1) / (bx - ax);
    dy *= VIEW_TOP * 0.5 * (m->ny - 1) / (by - ay);
    if (!isfinite(dx) || !isfinite(dy))
        return (view_vec){0.0, 0.0, 1.0};
    return basin__view_unit((view_vec){-dx, -dy, 1.0});
}

static view_vertex projected(const view_raster *raster,
    const view_camera *camera, view_vec at, const float colour[3])
{
    view_vec p = basin__view_project(camera, at);
    view_vertex v = {(float)(p.x * raster->fine), (float)(p.y * raster->fine),
        (float)(1.0 / p.z), (float)((at.x + 1.0) * 0.5 * LINES),
        (float)((at.y + 1.0) * 0.5 * LINES), colour[0], colour[1], colour[2]};
    return v;
}

static void shade(mesh *m, const view_raster *raster, const view_camera *camera,
    view_rgb colour, float *z)
{
    paint dye = {
        {to_linear(colour.r), to_linear(colour.g), to_linear(colour.b)},
        camera->eye};
    size_t ny = (size_t)m->ny;
    for (int ix = 0; ix < m->nx; ++ix) {
        for (int iy = 0; iy < m->ny; ++iy) {
            size_t i = (size_t)ix * ny + (size_t)iy;
            view_vec at = {2.0 * ix / (m->nx - 1) - 1.0,
                2.0 * iy / (m->ny - 1) - 1.0, (double)z[i] * VIEW_TOP};
            double sun = (double)sunlight(m, z, ix, iy);
            double open = 1.0 / (1.0 + (double)m->hollow[i]);
            float lit[3];
            light(lit, &dye, at, normal(m, ix, iy), sun, open);
            m->below[i] = projected(raster, camera, at, lit);
        }
    }
    /* The cuts are flat and pale, so that they read as "goes on beyond". */
    view_rgb white = basin__view_hex(0xFFFFFF);
    view_rgb lid = basin__view_mix(colour, white, 0.45);
    view_rgb side = basin__view_mix(colour, white, 0.30);
    double lids[3] = {lid.r, lid.g, lid.b};
    double sides[3] = {side.r, side.g, side.b};
    for (int i = 0; i < 3; ++i) {
        m->lid[i] = (float)(240.0 * lids[i]);
        m->flank[i] = (float)(235.0 * sides[i]);
    }
}

/* ---------------------------------------------------------------- triangles */

typedef struct drawing {
    view_raster *raster; /* what is there */
    view_raster *glass;  /* what was cut off at the cap: seen through */
    const view_camera *camera;
    const mesh *mesh;
    float ink, line;
} drawing;

static view_vertex with_lid(const drawing *d, view_vertex v)
{
    v.r = d->mesh->lid[0];
    v.g = d->mesh->lid[1];
    v.b = d->mesh->lid[2];
    return v;
}

static view_vec place(const mesh *m, size_t i)
{
    size_t ny = (size_t)m->ny;
    view_vec at = {2.0 * (double)(i / ny) / (m->nx - 1) - 1.0,
        2.0 * (double)(i % ny) / (m->ny - 1) - 1.0,
        (double)drawn(m->t[i]) * VIEW_TOP};
    return at;
}

/* Where the edge from point i to point j goes through the cap. */
static view_vertex crossing(const drawing *d, size_t i, size_t j)
{
    const mesh *m = d->mesh;
    double ti = (double)m->t[i], tj = (double)m->t[j];
    double f = (1.0 - ti) / (tj - ti);
    view_vec a = place(m, i), b = place(m, j);
    view_vec at = {a.x + f * (b.x - a.x), a.y + f * (b.y - a.y), VIEW_TOP};
    /* the light of the end below: the end above is lit as if it were cut */
    const view_vertex *low = ti <= 1.0 ? &m->below[i] : &m->below[j];
    float colour[3] = {low->r, low->g, low->b};
    return projected(d->raster, d->camera, at, colour);
}

static void fill(const drawing *d, const view_vertex *a, const view_vertex *b,
    const view_vertex *c, bool lid)
{
    if (!lid) {
        basin__view_triangle(d->raster, a, b, c, d->ink, d->line);
        return;
    }
    view_vertex p = with_lid(d, *a), q = with_lid(d, *b), r = with_lid(d, *c);
    basin__view_triangle(d->glass, &p, &q, &r, 0.4f * d->ink, d->line);
}

static void triangle(const drawing *d, size_t a, size_t b, size_t c)
{
    const mesh *m = d->mesh;
    const float *t = m->t;
    if (isnan(t[a]) || isnan(t[b]) || isnan(t[c]))
        return; /* a hole */
    int above = (t[a] > 1.0f) + (t[b] > 1.0f) + (t[c] > 1.0f);
    if (above == 0 || above == 3) {
        fill(d, &m->below[a], &m->below[b], &m->below[c], above == 3);
        return;
    }
    /* turn until `a` is the one alone on its side of the cap */
    bool alone_above = above == 1;
    while ((t[a] > 1.0f) != alone_above) {
        size_t first = a;
        a = b, b = c, c = first;
    }
    view_vertex p = crossing(d, a, b), q = crossing(d, a, c);
    fill(d, &m->below[a], &p, &q, alone_above);
    fill(d, &p, &m->below[b], &m->below[c], !alone_above);
    fill(d, &p, &m->below[c], &q, !alone_above);
}

/* ------------------------------------------------------------------- flanks */

/* The two sides of the block that face the eye, from the surface down to the
 * floor: as if the landscape had been cut with a knife. */
static void flank(const drawing *d, size_t i, size_t j, double dim)
{
    const mesh *m = d->mesh;
    if (isnan(m->t[i]) || isnan(m->t[j]))
        return;
    size_t at[2] = {i, j};
    view_vertex top[2], foot[2];
    for (int k = 0; k < 2; ++k) {
        view_vec p = place(m, at[k]);
        float colour[3], dark[3];
        for (int l = 0; l < 3; ++l) {
            float up = (float)(p.z / VIEW_TOP);
            colour[l] = m->flank[l] * (float)dim * (0.90f + 0.10f * up);
            dark[l] = m->flank[l] * (float)dim * 0.90f;
        }
        top[k] = projected(d->raster, d->camera, p, colour);
        p.z = 0.0;
        foot[k] = projected(d->raster, d->camera, p, dark);
    }
    bool cut = m->t[i] > 1.0f && m->t[j] > 1.0f;
    view_raster *to = cut ? d->glass : d->raster;
    basin__view_triangle(to, &top[0], &top[1], &foot[0], 0.0f, d->line);
    basin__view_triangle(to, &top[1], &foot[1], &foot[0], 0.0f, d->line);
}

/* ------------------------------------------------------------------ outside */

bool basin__view_capped(const view_scene *scene, const float *heights)
{
    size_t n = (size_t)scene->nx * (size_t)scene->ny;
    double limit = scene->z1 + 1e-6 * (scene->z1 - scene->z0);
    for (size_t i = 0; i < n; ++i)
        if ((double)heights[i] > limit)
            return true;
    return false;
}

static void heights_of(mesh *m, const view_scene *scene, const float *heights)
{
    double scale = 1.0 / (scene->z1 - scene->z0);
    size_t n = (size_t)m->nx * (size_t)m->ny;
    for (size_t i = 0; i < n; ++i) {
        double t = ((double)heights[i] - scene->z0) * scale;
        /* infinite heights become very high walls, which can be cut */
        m->t[i] = (float)(t > 1e6 ? 1e6 : (t < 0.0 ? 0.0 : t));
        m->hollow[i] = 0.0f;
    }
}

basin_status basin__view_mesh(view_raster *raster, view_raster *glass,
    const view_camera *camera, const view_scene *scene, const float *heights,
    view_rgb colour, basin_error *error)
{
    mesh m;
    size_t n = (size_t)scene->nx * (size_t)scene->ny;
    float *z = malloc(2 * n * sizeof *z);
    basin_status status = mesh_init(&m, scene->nx, scene->ny, error);
    if (!z && status == BASIN_OK)
        status = basin_error_set(error, BASIN_E_MEMORY,
            "out of memory for a surface of %d x %d points", scene->nx,
            scene->ny);
    if (status == BASIN_OK) {
        heights_of(&m, scene, heights);
        for (size_t i = 0; i < n; ++i)
            z[i] = drawn(m.t[i]);
        add_hollow(&m, z + n, z, 0.02, 0.20);
        add_hollow(&m, z + n, z, 0.10, 0.55);
        shade(&m, raster, camera, colour, z);
        drawing d = {
            raster, glass, camera, &m, 0.30f, 0.55f * (float)raster->fine};
        size_t ny = (size_t)m.ny, last = ((size_t)m.nx - 1) * ny;
        for (size_t i = 0; i + 1 < (size_t)m.nx; ++i)
            flank(&d, i * ny, (i + 1) * ny, 1.0);
        for (size_t j = 0; j + 1 < ny; ++j)
            flank(&d, last + j, last + j + 1, 0.86);
        for (size_t i = 0; i + 1 < (size_t)m.nx; ++i) {
            for (size_t j = 0; j + 1 < ny; ++j) {
                size_t a = i * ny + j, c = a + ny + 1;
                /* Fold along the lower diagonal: a valley that runs across
                 * the grid keeps a smooth floor. */
                if (fmaxf(m.t[a], m.t[c]) <= fmaxf(m.t[a + 1], m.t[a + ny])) {
                    triangle(&d, a, a + ny, c);
                    triangle(&d, a, c, a + 1);
                } else {
                    triangle(&d, a, a + ny, a + 1);
                    triangle(&d, a + 1, a + ny, c);
                }
            }
        }
    }
    free(z);
    mesh_finish(&m);
    return status;
}
