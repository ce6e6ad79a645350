// SPDX-License-Identifier: MIT
//
// The box that a surface stands in: floor and walls with lines at the ticks,
// numbers and names. The walls are those that face the eye from behind.

import { BufferGeometry, CanvasTexture, Float32BufferAttribute, Group,
  LineBasicMaterial, LineSegments, Sprite, SpriteMaterial, SRGBColorSpace,
  type PerspectiveCamera } from 'three';
import { BOX, worldX, worldZ } from './surface';
import { label, ticks } from './ticks';
import type { Theme } from './theme';

const FONT = '"Inter", system-ui, "Segoe UI", Roboto, sans-serif';

function writing(text: string, colour: string, name: boolean,
  scale: number): Sprite {
  const canvas = document.createElement('canvas');
  const height = 64, pad = 6;
  const font = name ? `italic 600 44px Georgia, "Times New Roman", serif` :
    `500 36px ${FONT}`;
  const measure = canvas.getContext('2d')!;
  measure.font = font;
  canvas.width = Math.ceil(measure.measureText(text).width) + 2 * pad;
  canvas.height = height;
  const draw = canvas.getContext('2d')!;
  draw.font = font;
  draw.fillStyle = colour;
  draw.textBaseline = 'middle';
  draw.fillText(text, pad, height / 2);
  const map = new CanvasTexture(canvas);
  map.colorSpace = SRGBColorSpace;
  const sprite = new Sprite(new SpriteMaterial({ map, transparent: true,
    depthWrite: false, sizeAttenuation: true }));
  const size = scale * (name ? 0.16 : 0.12);
  sprite.scale.set(size * canvas.width / height, size, 1);
  return sprite;
}

export class Axes extends Group {
  private signature = '';

  /** Rebuild where something has changed. @param turn which walls are behind:
   *  signs of the eye's x and z */
  show(theme: Theme, yLow: number, yHigh: number, low: number, top: number,
    turn: [number, number], scale: number) {
    const signature = [theme.ink, theme.grid, yLow, yHigh, low, top,
      scale, ...turn].join();
    if (signature === this.signature) return;
    this.signature = signature;
    this.clear_();
    const lines: number[] = [], edge: number[] = [];
    const [sx, sz] = turn;
    const xs = ticks(-1, 1, 4), ys = ticks(yLow, yHigh, 4);
    const es = ticks(low, top, 4).filter((e) => e <= top);
    const hx = BOX.x / 2, hz = BOX.y / 2;
    const height = (e: number) => BOX.e * (e - low) / (top - low);
    for (const x of xs) {
      lines.push(worldX(x), 0, -hz, worldX(x), 0, hz);
      lines.push(worldX(x), 0, -sz * hz, worldX(x), BOX.e, -sz * hz);
    }
    for (const y of ys) {
      const z = worldZ(y, yLow, yHigh);
      lines.push(-hx, 0, z, hx, 0, z);
      lines.push(-sx * hx, 0, z, -sx * hx, BOX.e, z);
    }
    for (const e of es) {
      const h = height(e);
      lines.push(-hx, h, -sz * hz, hx, h, -sz * hz);
      lines.push(-sx * hx, h, -hz, -sx * hx, h, hz);
    }
    edge.push(-hx, 0, sz * hz, hx, 0, sz * hz);
    edge.push(sx * hx, 0, -hz, sx * hx, 0, hz);
    edge.push(sx * hx, 0, -sz * hz, sx * hx, BOX.e, -sz * hz);
    this.stroke(lines, theme.grid, 1);
    this.stroke(edge, theme.faint, 1);
    const put = (text: string, x: number, y: number, z: number,
      name = false) => {
      const sprite = writing(text, name ? theme.ink : theme.faint, name,
        scale);
      sprite.position.set(x, y, z);
      this.add(sprite);
    };
    const out = 0.1 + 0.06 * scale;
    for (const x of xs)
      put(label(x), worldX(x), -0.06, sz * (hz + out));
    for (const y of ys)
      put(label(y), sx * (hx + out), -0.06, worldZ(y, yLow, yHigh));
    for (const e of es)
      if (height(e) > 0.02)
        put(label(e), sx * (hx + out), height(e), -sz * (hz + 0.02));
    const far = 0.16 + 0.22 * scale;
    put('X', 0, -0.08, sz * (hz + far), true);
    put('Y', sx * (hx + far), -0.08, 0, true);
    put('E', sx * (hx + 0.06), BOX.e + 0.14, -sz * hz, true);
  }

  private stroke(points: number[], colour: string, opacity: number) {
    const shape = new BufferGeometry();
    shape.setAttribute('position', new Float32BufferAttribute(points, 3));
    this.add(new LineSegments(shape, new LineBasicMaterial({ color: colour,
      transparent: opacity < 1, opacity })));
  }

  private clear_() {
    for (const child of [...this.children]) {
      if (child instanceof Sprite) {
        child.material.map?.dispose();
        child.material.dispose();
      } else if (child instanceof LineSegments) {
        child.geometry.dispose();
        (child.material as LineBasicMaterial).dispose();
      }
      this.remove(child);
    }
  }

  dispose() {
    this.clear_();
  }
}

/** Which walls are behind for this eye. */
export function behind(camera: PerspectiveCamera): [number, number] {
  return [camera.position.x < 0 ? -1 : 1, camera.position.z < 0 ? -1 : 1];
}
