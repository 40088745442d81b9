/**
 * What the generated module `dextr.js` exports: the contract between the Rust
 * core (`src/web`) and JavaScript. `wasm-bindgen` writes the module itself when
 * the site is built, beside this file.
 *
 * Every function throws a plain `Fault` for bad input. Anything else that comes
 * out is a trap: that instance must not be used again.
 */

export interface Fault {
  /** A stable word to branch on, such as `bad-architecture` or `cancelled`. */
  code: string;
  /** One sentence for the reader. */
  message: string;
  /** The place: `character 17`, `row 12`, a node's name. */
  where?: string | null;
  /** The cure. */
  hint?: string | null;
}

export type DeviceChoice = 'auto' | 'webgpu' | 'cpu';
export type CpuReason = 'no-adapter' | 'no-webgpu' | 'insecure-context' | 'failed-proof' | 'slow-adapter' | 'asked';

export interface Device {
  kind: 'webgpu' | 'cpu';
  name: string;
  /** Why this is not a GPU; `gpu-failed` comes from JavaScript, after the GPU broke twice. */
  reason?: CpuReason | 'gpu-failed' | null;
  /** The reason in words. */
  message?: string | null;
}

export type OptionValue = string | number | boolean;

export interface SpaceOption {
  name: string;
  default: string;
  help: string;
}

export interface Space {
  name: string;
  title: string;
  /** How many architectures there are. */
  size: number;
  options: SpaceOption[];
  examples: { arch: string; title: string }[];
  /** The operations an edge may carry, in the benchmark's order. */
  operations: string[];
  /** `[source, target]` of each edge, in the order of the text form. */
  edges: [number, number][];
  /** The columns an architecture is read from where a table has no `arch`. */
  columns: string[];
  /** The default observation policy. */
  observe: Observe;
}

/** One thing that can be chosen in an architecture. */
export interface Choice {
  name: string;
  /** What it belongs to: `normal`, `stage 1`, `layer 3`. */
  group: string;
  value: string;
  /** All that may be chosen with everything else as it is. */
  values: string[];
  /** `[source, target]` where it is an operation on an edge of a cell. */
  edge: [number, number] | null;
}

/** An estimate with its 95 % interval. */
export interface Estimate {
  value: number;
  low: number | null;
  high: number | null;
}

export interface Correlation {
  n: number;
  spearman: Estimate;
  kendall: Estimate;
}

export type Protocol = 'refined' | 'published';
export type Observe = 'flow' | 'layers' | 'modules';

export interface Picture {
  width: number;
  height: number;
  rgba: Uint8Array;
}

export interface ScoreRequest {
  space: string;
  arch: string;
  options?: Record<string, OptionValue>;
  seed?: number;
  seeds?: number;
  imageSeed?: number;
  curveSeed?: number;
  image?: Picture;
  protocol?: Protocol;
  observe?: Observe;
  curves?: number;
  /** Names separated by commas; the first one is the score. */
  proxies?: string;
}

/** A column of a row. */
export interface Column {
  name: string;
  kind: 'text' | 'whole' | 'number';
  /** Rows that are equal in all columns of `identity` are the same experiment. */
  role: 'identity' | 'run' | 'part' | 'size' | 'found';
  /** Where it is empty: nowhere, in rows with an error, or also where a number is not defined. */
  empty: 'never' | 'failed' | 'undefined';
  help: string;
}

export interface ObservedMap {
  name: string;
  kind: string;
  shape: number[];
  count: number;
  sigma_min: number;
  sigma_max: number;
  ratio: number;
}

/** A row with its evidence. Proxies asked for beside the first have a number each under their names. */
export interface Score {
  arch: string;
  space: string;
  status: 'ok' | 'disconnected' | 'single-output' | 'non-finite' | 'unsuited';
  score: number | null;
  score_std: number | null;
  s: number | null;
  k: number | null;
  curvature: number | null;
  ratio_sum: number | null;
  params: number;
  macs: number;
  seed: number;
  seeds: number;
  protocol: Protocol;
  observe: Observe;
  device: string;
  version: string;
  seconds: number;
  /** What else there is to know, in words; empty when there is nothing. */
  message: string;
  image_seed: number;
  curve_seed: number;
  curves: number;
  /** Where the input came from: `pink`, or a picture with its fingerprint. */
  image: 'pink' | `picture:${string}`;
  /** The space's options as `name=value`, separated by blanks. */
  options: string;
  /** The proxies that were asked for, separated by commas. */
  proxies: string;
  layers: ObservedMap[];
  phases: { convolution: number; pointwise: number; singular_values: number; rest: number };
}

/** The row of what could not be scored: its settings, as far as they can be known. */
export type Unscored = { [Name in keyof Omit<Score, 'layers' | 'phases'>]: Score[Name] | '' | null };

export interface Layer {
  name: string;
  kind: string;
  shape: number[];
  params: number;
  macs: number;
  live: boolean;
  observed: number;
  /** Where its operands come from: indices of layers. */
  inputs: number[];
}

export interface Inspection {
  arch: string;
  space: string;
  params: number;
  macs: number;
  layers: Layer[];
  /** What there is to know about how a model file was understood. */
  notes: string[];
}

/** An input or output of a model file. */
export interface Port {
  name: string;
  /** Numbers, names of what is left open, null for what is neither; null where the file does not say. */
  shape: (number | string | null)[] | null;
}

/** What a model file says of itself. */
export interface ModelInfo {
  /** The graph's name. */
  name: string;
  opset: number;
  /** The program that wrote it, with its version. */
  producer: string;
  inputs: Port[];
  outputs: Port[];
  /** How many nodes the file has. */
  nodes: number;
  operators: { domain: string; operator: string; count: number }[];
  /** Files that weights lie in, besides the model. */
  data_files: string[];
}

/** Called between layers and awaited; `false` cancels the run. */
export type Step = (done: number, total: number) => void | boolean | Promise<void | boolean>;

export default function init(options?: {
  module_or_path: BufferSource | WebAssembly.Module | Response | Promise<Response> | URL;
}): Promise<unknown>;
export function version(): string;
export function spaces(): Space[];
export function columns(): Column[];
export function canonical(space: string, arch: string): string;
export function choices(space: string, arch: string): Choice[];
export function choose(space: string, arch: string, index: number, value: string): string;
export function neighbours(space: string, arch: string): string[];
export function sample(space: string, seed: number): string;
export function correlate(scores: Float64Array, truth: Float64Array): Correlation | undefined;
export function inspect(request: ScoreRequest, model?: Model): Inspection;
export function check_format(head: Uint8Array): void;
export function model_options(): SpaceOption[];

/** A file's bytes in the engine's memory. */
export class FileBytes {
  /** Makes room; fails where there is none. */
  constructor(length: number);
  push(part: Uint8Array): void;
  free(): void;
}

/** A model file that was read. A call that is given one consumes it. */
export class Model {
  /** Consumes the bytes. */
  constructor(file: FileBytes);
  attach(name: string, file: FileBytes): void;
  info(): ModelInfo;
  /** One more handle. */
  share(): Model;
  free(): void;
}

export class Session {
  static open(device: DeviceChoice, fallback_reason?: CpuReason, called?: string): Promise<Session>;
  device(): Device;
  score(request: ScoreRequest, step: Step, model?: Model): Promise<Score>;
  unscored(request: ScoreRequest, model?: Model): Unscored;
  singular_values(request: ScoreRequest, map: string, step: Step, model?: Model): Promise<Float64Array>;
  free(): void;
}
