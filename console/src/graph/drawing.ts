/** A graph with its places: what `layout` makes and `Graph` draws. */

import type { Body, Edge, Node } from "./model";

export interface Box { node: Node; x: number; y: number; width: number; height: number }
export interface Region { body: Body; x: number; y: number; width: number; height: number }
export interface Line { edge: Edge; points: Point[]; label?: Point & { width: number } }
export interface Point { x: number; y: number }
export interface Drawing { width: number; height: number; boxes: Box[]; regions: Region[]; lines: Line[]; start?: Point }

/** Where the line to the first node begins; no place is called so. */
export const START = "\u0000start";
export const LABEL_HEIGHT = 18;
const LABEL_CHARS_MAX = 34;

export const shortLabel = (text: string): string => (text.length > LABEL_CHARS_MAX ? `${text.slice(0, LABEL_CHARS_MAX - 1)}…` : text);
