// SPDX-License-Identifier: MIT
//
// A surface over (X, Y) as a mesh with its net of lines. World axes: X to the
// right, Y into the picture, energy up.

import { BufferAttribute, BufferGeometry, Color, DoubleSide, Group,
  LineBasicMaterial, LineSegments, Mesh, MeshStandardMaterial } from 'three';
import { GRID } from '../engine/module';

const N = GRID;
const EVERY = 10; // a line of the net every so many points

/** Sizes of the box in the world: X, energy, Y. */
export const BOX = { x: 2, e: 1.15, y: 2 };

export const worldX = (x: number) => x;
export const worldZ = (y: number, low: number, high: number) =>
  BOX.y * (0.5 - (y - low) / (high - low));

function triangles() {
  const out = new Uint32Array(6 * (N - 1) * (N - 1));
  let at = 0;
  for (let i = 0; i < N - 1; i++)
    for (let j = 0; j < N - 1; j++) {
      const a = i * N + j, b = a + N;
      out.set([a, b, a + 1, b, b + 1, a + 1], at);
      at += 6;
    }
  return new BufferAttribute(out, 1);
}

function net() {
  const out: number[] = [];
  for (let k = 0; k < N; k += EVERY)
    for (let j = 0; j < N - 1; j++) {
      out.push(k * N + j, k * N + j + 1);
      out.push(j * N + k, (j + 1) * N + k);
    }
  return new BufferAttribute(new Uint32Array(out), 1);
}

export class SurfaceMesh extends Group {
  private readonly position_: BufferAttribute;
  private readonly normal_: BufferAttribute;
  private readonly colour_: BufferAttribute;
  private readonly fill: MeshStandardMaterial;
  private readonly line: LineBasicMaterial;
  private readonly low = new Color();
  private readonly high = new Color();

  constructor(opacity: number, lines: number) {
    super();
    const points = new Float32Array(3 * N * N);
    for (let i = 0; i < N; i++)
      for (let j = 0; j < N; j++) {
        points[3 * (i * N + j)] = BOX.x * (i / (N - 1) - 0.5);
        points[3 * (i * N + j) + 2] = BOX.y * (0.5 - j / (N - 1));
      }
    this.position_ = new BufferAttribute(points, 3);
    this.normal_ = new BufferAttribute(new Float32Array(3 * N * N), 3);
    this.colour_ = new BufferAttribute(new Float32Array(3 * N * N), 3);
    const shape = new BufferGeometry();
    shape.setAttribute('position', this.position_);
    shape.setAttribute('normal', this.normal_);
    shape.setAttribute('color', this.colour_);
    shape.setIndex(triangles());
    this.fill = new MeshStandardMaterial({ vertexColors: true,
      side: DoubleSide, roughness: 0.62, metalness: 0.02,
      transparent: opacity < 1, opacity, depthWrite: opacity === 1,
      polygonOffset: true, polygonOffsetFactor: 1, polygonOffsetUnits: 1 });
    this.add(new Mesh(shape, this.fill));
    const wires = new BufferGeometry();
    wires.setAttribute('position', this.position_);
    wires.setIndex(net());
    this.line = new LineBasicMaterial({ transparent: true, opacity: lines,
      depthWrite: false });
    this.add(new LineSegments(wires, this.line));
    for (const child of this.children) child.frustumCulled = false;
  }

  paint(low: string, high: string, line: string) {
    this.low.set(low);
    this.high.set(high);
    this.line.color.set(line);
  }

  /** @param z energies, (x, y); what is above the box is cut off there */
  show(z: Float32Array, low: number, top: number) {
    const p = this.position_.array, c = this.colour_.array;
    const scale = 1 / (top - low);
    for (let k = 0; k < N * N; k++) {
      const part = (z[k] - low) * scale;
      // so written that NaN goes to the top
      const t = part < 1 ? Math.max(0, part) : 1;
      p[3 * k + 1] = BOX.e * t;
      const s = Math.sqrt(t);
      c[3 * k] = this.low.r + (this.high.r - this.low.r) * s;
      c[3 * k + 1] = this.low.g + (this.high.g - this.low.g) * s;
      c[3 * k + 2] = this.low.b + (this.high.b - this.low.b) * s;
    }
    this.bend();
    this.position_.needsUpdate = true;
    this.colour_.needsUpdate = true;
  }

  /** Normals from the differences to the neighbours. */
  private bend() {
    const p = this.position_.array, n = this.normal_.array;
    const dx = BOX.x / (N - 1), dz = BOX.y / (N - 1);
    for (let i = 0; i < N; i++)
      for (let j = 0; j < N; j++) {
        const k = i * N + j;
        const a = i > 0 ? k - N : k, b = i < N - 1 ? k + N : k;
        const c = j > 0 ? k - 1 : k, d = j < N - 1 ? k + 1 : k;
        const sx = (p[3 * b + 1] - p[3 * a + 1]) / (((b - a) / N) * dx);
        const sz = -(p[3 * d + 1] - p[3 * c + 1]) / ((d - c) * dz);
        const length = Math.hypot(sx, 1, sz);
        n[3 * k] = -sx / length;
        n[3 * k + 1] = 1 / length;
        n[3 * k + 2] = -sz / length;
      }
    this.normal_.needsUpdate = true;
  }

  dispose() {
    for (const child of this.children)
      (child as Mesh).geometry.dispose();
    this.fill.dispose();
    this.line.dispose();
  }
}
