// SPDX-License-Identifier: MIT
//
// The picture: the surface at the start in orange, the surface now in green,
// the samples as blue spheres on it, and the sheet of the cut. It draws when
// something has changed, and only then.

import { ACESFilmicToneMapping, BufferGeometry, Color, DirectionalLight,
  DoubleSide, DynamicDrawUsage, Float32BufferAttribute, HemisphereLight,
  InstancedMesh, Line, LineBasicMaterial, Mesh, MeshBasicMaterial,
  MeshStandardMaterial, Object3D, PerspectiveCamera, PlaneGeometry, Scene,
  SphereGeometry, WebGLRenderer } from 'three';
import { OrbitControls } from 'three/addons/controls/OrbitControls.js';
import type { Frame, Start } from '../engine/protocol';
import { GRID } from '../engine/module';
import { Axes, behind } from './axes';
import { BOX, SurfaceMesh, worldX, worldZ } from './surface';
import { type Theme, calm, theme } from './theme';

const BALLS = 48;

/** A round number at or above the energies that are to be seen. */
function roundUp(value: number): number {
  const power = 10 ** Math.floor(Math.log10(value));
  return [1, 1.5, 2, 3, 4, 5, 6, 8, 10].map((m) => m * power)
    .find((v) => v >= value)!;
}

export class Picture {
  private readonly renderer: WebGLRenderer;
  private readonly scene = new Scene();
  readonly camera = new PerspectiveCamera(33, 1, 0.1, 50);
  readonly controls: OrbitControls;
  private readonly first = new SurfaceMesh(0.24, 0.4);
  private readonly now = new SurfaceMesh(1, 0.3);
  private readonly axes = new Axes();
  private readonly balls: InstancedMesh;
  private readonly sheet: Mesh;
  private readonly ridge: Line;
  private readonly observer: ResizeObserver;
  private theme: Theme = theme();
  private start: Start | null = null;
  private initial: Float32Array | null = null;
  private frame: Frame | null = null;
  private top = 1;
  private low = 0;
  private dirty = true;
  /** Letters keep their size where the picture is small. */
  private lettering = 1;
  showFirst = true;
  showCut = true;

  constructor(private readonly canvas: HTMLCanvasElement) {
    this.renderer = new WebGLRenderer({ canvas, antialias: true, alpha: true,
      powerPreference: 'low-power' });
    this.renderer.toneMapping = ACESFilmicToneMapping;
    this.renderer.setPixelRatio(Math.min(devicePixelRatio, 2));
    this.balls = new InstancedMesh(new SphereGeometry(0.026, 20, 14),
      new MeshStandardMaterial({ roughness: 0.35, metalness: 0.05 }), BALLS);
    this.balls.instanceMatrix.setUsage(DynamicDrawUsage);
    this.balls.frustumCulled = false;
    this.balls.count = 0;
    this.sheet = new Mesh(new PlaneGeometry(BOX.y, BOX.e),
      new MeshBasicMaterial({ transparent: true, opacity: 0.1,
        side: DoubleSide, depthWrite: false }));
    this.sheet.rotation.y = Math.PI / 2;
    this.sheet.position.y = BOX.e / 2;
    const ridge = new BufferGeometry();
    ridge.setAttribute('position',
      new Float32BufferAttribute(new Float32Array(3 * GRID), 3));
    this.ridge = new Line(ridge, new LineBasicMaterial());
    this.ridge.frustumCulled = false;
    this.scene.add(this.axes, this.first, this.now, this.balls, this.sheet,
      this.ridge, ...this.lights());
    this.now.visible = this.first.visible = false; // until there is a frame
    this.now.renderOrder = 1;
    this.first.renderOrder = 2;
    this.sheet.renderOrder = 3;
    this.controls = new OrbitControls(this.camera, canvas);
    this.controls.enablePan = false;
    this.controls.enableDamping = !calm();
    this.controls.dampingFactor = 0.12;
    this.controls.minDistance = 2.2;
    this.controls.maxDistance = 9;
    this.controls.maxPolarAngle = Math.PI / 2 - 0.02;
    this.controls.target.set(0.06, 0.42, 0.06);
    this.controls.addEventListener('change', () => { this.dirty = true; });
    this.home();
    this.observer = new ResizeObserver(() => this.resize());
    this.observer.observe(canvas.parentElement!);
    this.repaint();
  }

  private lights() {
    const sky = new HemisphereLight(0xffffff, 0x8d9299, 1.5);
    const sun = new DirectionalLight(0xffffff, 2.1);
    sun.position.set(-1.6, 3.2, 2.2);
    const fill = new DirectionalLight(0xdfe8ff, 0.7);
    fill.position.set(2.5, 1.2, -1.5);
    return [sky, sun, fill];
  }

  home() {
    this.camera.position.set(2.55, 2.15, 3.35);
    this.fit();
    this.controls.update();
    this.dirty = true;
  }

  /** Farther away where the window is narrow. */
  private fit() {
    const wide = Math.max(1, 1.3 / Math.max(this.camera.aspect, 0.4));
    const away = this.camera.position.clone().sub(this.controls.target);
    away.setLength(4.75 * wide);
    this.camera.position.copy(this.controls.target).add(away);
  }

  private resize() {
    const box = this.canvas.parentElement!.getBoundingClientRect();
    const width = Math.max(box.width, 1), height = Math.max(box.height, 1);
    const before = this.camera.aspect;
    this.renderer.setSize(width, height, false);
    this.lettering = Math.round(4 * Math.min(1.8, Math.max(1, 500 /
      Math.min(height, 0.9 * width)))) / 4;
    this.camera.aspect = width / height;
    this.camera.updateProjectionMatrix();
    if (Math.abs(before - this.camera.aspect) > 0.15) this.fit();
    this.draw(true);
  }

  repaint() {
    const t = this.theme = theme();
    this.first.paint(t.first, t.first, t.first);
    this.now.paint(t.now, t.nowHigh, t.dark ? '#06130c' : '#063d22');
    (this.balls.material as MeshStandardMaterial).color = new Color(t.ball);
    (this.sheet.material as MeshBasicMaterial).color = new Color(t.cut);
    (this.ridge.material as LineBasicMaterial).color = new Color(t.cut);
    this.renderer.toneMappingExposure = t.dark ? 1.0 : 1.08;
    this.refresh();
  }

  // ------------------------------------------------------------------ data

  begin(start: Start, initial: Float32Array | null) {
    this.start = start;
    if (initial !== this.initial) this.top = 0;
    this.initial = initial;
  }

  show(frame: Frame) {
    this.frame = frame;
    this.refresh();
  }

  refresh() {
    const { start, frame, initial } = this;
    this.dirty = true;
    if (!start || !frame) return;
    this.rescale(frame, initial);
    this.now.visible = true;
    this.now.show(frame.surface, this.low, this.top);
    this.first.visible = this.showFirst && !!initial && frame.updates > 0;
    if (initial && this.first.visible)
      this.first.show(initial, this.low, this.top);
    this.place(start, frame);
    this.slice(frame);
  }

  /** The scale of the energy: steady, so that a collapse is seen, but it
   *  follows energies that leave it. */
  private rescale(frame: Frame, initial: Float32Array | null) {
    let most = 0, least = 0;
    for (const e of initial ?? []) {
      if (e > most) most = e;
      if (e < least) least = e;
    }
    const reach = Math.max(most, Math.min(frame.high, 1e6), 1e-6);
    if (this.top === 0 || reach > this.top || reach < 0.45 * this.top)
      this.top = roundUp(Math.max(reach, 1e-6));
    const low = Math.min(least, Number.isFinite(frame.low) ? frame.low : 0);
    this.low = low < -1e-6 ? -roundUp(-low) : 0;
  }

  private height(e: number) {
    const t = (e - this.low) / (this.top - this.low);
    return BOX.e * (t < 1 ? Math.max(0, t) : 1);
  }

  private place(start: Start, frame: Frame) {
    const n = Math.min(start.x.length, BALLS), at = new Object3D();
    let k = 0;
    for (let i = 0; i < n; i++) {
      const inside = Math.abs(start.x[i]) <= 1 && start.y[i] >= start.yLow &&
        start.y[i] <= start.yHigh;
      if (!inside) continue;
      at.position.set(worldX(start.x[i]),
        this.height(frame.pairs[2 * i]) + 0.012,
        worldZ(start.y[i], start.yLow, start.yHigh));
      at.updateMatrix();
      this.balls.setMatrixAt(k++, at.matrix);
    }
    this.balls.count = k;
    this.balls.instanceMatrix.needsUpdate = true;
  }

  private slice({ cut, surface }: Frame) {
    this.sheet.visible = this.ridge.visible = this.showCut;
    this.sheet.position.x = worldX(cut.x);
    const line = this.ridge.geometry.getAttribute('position');
    const s = (cut.x + 1) / 2 * (GRID - 1);
    const i = Math.min(GRID - 2, Math.max(0, Math.floor(s))), f = s - i;
    for (let j = 0; j < GRID; j++) {
      const e = surface[i * GRID + j] * (1 - f) +
        surface[(i + 1) * GRID + j] * f;
      line.setXYZ(j, worldX(cut.x), this.height(e) + 0.006,
        BOX.y * (0.5 - j / (GRID - 1)));
    }
    line.needsUpdate = true;
  }

  // --------------------------------------------------------------- drawing

  draw(force = false) {
    this.controls.update();
    if (!this.dirty && !force) return;
    this.dirty = false;
    const { start } = this;
    this.axes.show(this.theme, start?.yLow ?? -0.5, start?.yHigh ?? 1.5,
      this.low, this.top || 1, behind(this.camera), this.lettering);
    this.renderer.render(this.scene, this.camera);
  }

  /** Turn by a key. */
  turn(azimuth: number, polar: number, zoom: number) {
    const offset = this.camera.position.clone().sub(this.controls.target);
    const r = offset.length() * zoom;
    let theta = Math.atan2(offset.x, offset.z) + azimuth;
    let phi = Math.acos(offset.y / offset.length()) + polar;
    phi = Math.min(this.controls.maxPolarAngle, Math.max(0.05, phi));
    theta = ((theta + Math.PI) % (2 * Math.PI)) - Math.PI;
    offset.setFromSphericalCoords(Math.min(this.controls.maxDistance,
      Math.max(this.controls.minDistance, r)), phi, theta);
    this.camera.position.copy(this.controls.target).add(offset);
    this.dirty = true;
  }

  png(): Promise<Blob | null> {
    const background = this.scene.background;
    this.scene.background = new Color(this.theme.paper);
    this.draw(true);
    const blob = new Promise<Blob | null>((resolve) =>
      this.canvas.toBlob(resolve, 'image/png'));
    this.scene.background = background;
    this.draw(true);
    return blob;
  }

  dispose() {
    this.observer.disconnect();
    this.controls.dispose();
    this.first.dispose();
    this.now.dispose();
    this.axes.dispose();
    this.renderer.dispose();
    this.renderer.forceContextLoss();
  }
}

export function webgl(): boolean {
  if (new URLSearchParams(location.search).has('flat')) return false;
  try {
    return !!document.createElement('canvas').getContext('webgl2');
  } catch {
    return false;
  }
}
