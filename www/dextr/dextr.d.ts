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
  /** What it is one of; empty where it is a number or a text. */
  values: string[];
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
  /** The orders in which numbers may be meant, the one taken unasked first; empty where there is one. */
  readings: Reading[];
  /** The default observation policy. */
  observe: Observe;
}

/** An order in which numbers may be meant. */
export interface Reading {
  /** What asks for it: `naslib`. */
  name: string;
  /** Whose order it is. */
  title: string;
}

/** An architecture's text as it is understood. */
export interface Parsed {
  /** The canonical form. */
  arch: string;
  /** All that the text may mean, the one that was taken first; empty where it means one thing, or where the reading was named. */
  readings: (Reading & { arch: string })[];
  /** What there is to know about how it was understood. */
  note: string | null;
}

/** What a list is to be read as; what is not said is guessed. */
export interface Wishes {
  delimiter?: string;
  /** Whether the first row names the columns. */
  header?: boolean;
  /** The column of architectures, by name or by number from 1. */
  arch?: string;
  /** The column of known accuracies; empty for none. */
  truth?: string;
  decimal?: 'point' | 'comma';
}

/** What a list was read as. Columns are numbers from 0. */
export interface Layout {
  form: 'lines' | 'separated' | 'json';
  delimiter: string | null;
  header: boolean;
  arch: number[];
  /** The columns that count rows. */
  index: number[];
  space: number | null;
  truth: number | null;
  /** The columns whose decimal commas became points. */
  commas: number[];
  /** Whether it is not as documented, so that it had to be guessed. */
  guessed: boolean;
}

/** A row of a list. */
export interface ListItem {
  /** `line 3`, `row 3`. */
  place: string;
  arch: string;
  space: string;
  /** Whether the text means several architectures. */
  ambiguous: boolean;
  /** What is wrong with the row. */
  problem: string | null;
  /** A value for each column. */
  cells: (string | number | null)[];
}

export interface List {
  columns: string[];
  items: ListItem[];
  layout: Layout;
  /** The layout in words. */
  words: string;
  /** What there is to know, in sentences. */
  notes: string[];
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

/** A proxy: a number that ranks networks before training. Higher is better. */
export interface ProxyInfo {
  /** Its name, in `proxies` and as a column. */
  name: string;
  title: string;
  paper: string;
  /** What it takes, in words. */
  needs: string;
  /** Which variant it is, and where it departs from the published code. */
  variant: string;
  /** What it costs, by kind of work. */
  cost: 'graph' | 'weights' | 'forward' | 'batch' | 'gradients';
  /** The parts that have columns of their own beside the value. */
  parts: string[];
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
  /** Token ids instead of drawn ones, where the network takes ids: numbers, or a text of them. The option `length` follows where it is not given. */
  ids?: number[] | string;
  protocol?: Protocol;
  observe?: Observe;
  curves?: number;
  /** What the proxy swap is regularised by: `mean/spread`, both in thousands of parameters, as in `1000/40000`. */
  swapSize?: string;
  /** Names separated by commas; the first one is the score. */
  proxies?: string;
  /** What a text means that may mean several architectures: `naslib`. */
  reading?: string;
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
  /** The ratio over that of a random matrix of this shape. */
  relative: number;
}

/** A layer's map, as `survey` finds it. */
export interface SurveyedLayer {
  name: string;
  kind: string;
  shape: number[];
  /** Whether it is one of the maps of the score. */
  observed: boolean;
  ratio: number;
  /** The ratio over that of a random matrix of this shape. */
  relative: number;
  /** How many singular values are above 1e-6 of the largest. */
  rank: number;
  /** The largest rank that the shape has room for. */
  room: number;
  /**
   * Why the rank is smaller than its room: all is zero; fewer numbers before than channels; constant channels; a norm's mean taken off;
   * lost by an earlier layer; dependent by the values.
   */
  loss: { cause: 'zero' } | { cause: 'narrow'; inputs: number } | { cause: 'dead'; channels: number }
    | { cause: 'centred' } | { cause: 'inherited'; from: string } | { cause: 'dependent' } | null;
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
  /** The part of the list that was taken, as in 3/16; empty for all of it. */
  shard: string;
  seconds: number;
  /** What else there is to know, in words; empty when there is nothing. */
  message: string;
  image_seed: number;
  curve_seed: number;
  curves: number;
  /** Where the input came from: `pink`, or a picture with its fingerprint. */
  image: 'pink' | 'tokens' | `picture:${string}`;
  /** The space's options as `name=value`, separated by blanks. */
  options: string;
  /** What swap is regularised by; empty for nothing. */
  swap_size: string;
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

/** A count as a number, or as people write it: `6M`, `1.5G`. */
export type Count = number | string;

/** A search; what is not said has its default. */
export interface SearchWish {
  /** Not said for a search of the paper. */
  space?: string;
  /** A search of the paper: its space, number of candidates and limits. */
  paper?: string;
  strategy?: 'random' | 'evolution' | 'local' | 'cascade' | 'projection' | 'optiproxy';
  /** How many candidates are scored; of a cascade, by its first stage. 400; of optiproxy 100. Not for a projection, whose pool and circles say it. */
  candidates?: Count;
  /** The seed of everything that the search draws. */
  seed?: number;
  minParams?: Count;
  maxParams?: Count;
  minMacs?: Count;
  maxMacs?: Count;
  /** What is to be large: a proxy, a product (`meco_opt*swap`), or with - before it what is to be small; or `accuracy`, which is told. */
  aim?: string;
  /** What is to be small besides: each step then has the Pareto front. */
  against?: 'params' | 'macs';
  /** Of evolution: architectures that are alive; 50. */
  population?: Count;
  /** Of evolution: how many are drawn for a tournament; 10. */
  sample?: Count;
  /** Of evolution: how many results a child may be ahead of; 8. */
  lag?: Count;
  /** Of local search: random architectures at each start; 10. */
  starts?: Count;
  /** Of a cascade: `naswot:100,dextr:10,dextr@5`, what ranks and how many of the best go on. */
  stages?: string | string[];
  /** Of a projection: what decides an edge, a proxy or a product; the operation stays whose absence makes it least. `dextr`. */
  criterion?: string;
  /** Of a projection: what decides which edges a node keeps; `naswot`. */
  inputs?: string;
  /** Of a projection: how many networks are found, of which the best one by the aim wins; 1. */
  pool?: Count;
  /** Of a projection: under how many sets of circles each variant is measured; 1. With more, each choice has its error. */
  circles?: Count;
  /** Of optiproxy: how many are asked for at first; 10. */
  first?: Count;
  /** Of optiproxy: how many are asked for in each round after that; 5. */
  each?: Count;
  /** Of optiproxy: a proxy whose ranks the surrogate learns before it asks for anything, with the number of random architectures that it ranks: `params:500`. */
  warm?: string;
  /** Of optiproxy: the published surrogate, or a smaller one that is fitted for less long. */
  preset?: 'published' | 'light';
}

/** What an architecture came to when it was trained, from 0 to 100. */
export interface Accuracy {
  arch: string;
  accuracy: number;
}

/** What became of an accuracy: it was waited for, it was told before, or its architecture was not asked for and is learned from all the same; or why it was not taken. */
export type Taken = Accuracy & ({ told: 'asked' | 'again' | 'unasked'; fault: null } | { told: null; fault: Fault });

/** What a search wants to know next. */
export interface Candidate {
  /** Its number, from 0. */
  step: number;
  /** A generation, a walk's step, a stage. */
  round: number;
  /** The stage of a cascade, the phase of a projection, 0 elsewhere. */
  stage: number;
  space: string;
  arch: string;
  /** The proxies to measure. */
  proxies: string;
  /** Where it is not the search's own number of weight seeds. */
  seeds: number | null;
  /** What is added to the seed of the circles. */
  circle: number;
  /** Whether its accuracy is told; what is measured of it ranks nothing. */
  told: boolean;
}

/** A choice that a projection has made, or is making: the operation of an edge that stays, or the edge of a node that goes. */
export interface Decision {
  /** Which network of the pool, from 0. */
  network: number;
  /** The cell. */
  group: string;
  /** The edge's source; none where it is about a node's edges. */
  source: number | null;
  /** The edge's target, or the node. */
  target: number;
  /** What each variant lacks: operations, or sources of edges. */
  without: string[];
  /** What each variant is worth without it. */
  values: (number | null)[];
  /** The place of the operation that stays, or of the edge that goes; none before it is decided. */
  chosen: number | null;
  /** By how much the choice is ahead of the next one. */
  margin: number | null;
  /** The margin's standard error over the sets of circles. */
  error: number | null;
}

/** A candidate that was told, with what it is ranked by. */
export interface SearchEntry {
  step: number;
  arch: string;
  aim: number;
  params: number;
  macs: number;
}

/** What a search has found. */
export interface Found {
  best: SearchEntry[];
  front: SearchEntry[];
  largest: SearchEntry | null;
  /** What a projection has decided, one network after the other; empty elsewhere. */
  decided: Decision[];
  /** What a projection has under test. */
  undecided: Decision[];
  /** Whether all accuracies that were told are the same, so that nothing is learned from them. */
  flat: boolean;
  progress: { asked: number; told: number; without: number; total: number; done: boolean };
}

/** A step of a search, as the client asks for it. */
export interface Asked {
  candidates: Candidate[];
  /** The values of what was aimed at, of the rows that were told. */
  aims: (number | null)[];
  /** What became of the accuracies that were told. */
  taken: Taken[];
  found: Found;
  state: string;
}

/** Called between layers and awaited; `false` cancels the run. */
export type Step = (done: number, total: number) => void | boolean | Promise<void | boolean>;

export default function init(options?: {
  module_or_path: BufferSource | WebAssembly.Module | Response | Promise<Response> | URL;
}): Promise<unknown>;
/** Whom to ask for a function of the wasm's second part (see `www/npm/split.mjs`). */
export function setMissing(call: (first: WebAssembly.Exports, slot: string, values: unknown[]) => unknown): void;
export function version(): string;
export function spaces(): Space[];
export function columns(): Column[];
export function canonical(space: string, arch: string): string;
export function parse(space: string, arch: string, reading?: string): Parsed;
export function read_list(text: string, space: string, wishes?: Wishes): List;
export function is_model(head: Uint8Array): boolean;
export function choices(space: string, arch: string): Choice[];
export function choose(space: string, arch: string, index: number, value: string): string;
export function neighbours(space: string, arch: string): string[];
export function sample(space: string, seed: number): string;
export function correlate(scores: Float64Array, truth: Float64Array): Correlation | undefined;
export function pooled(parts: Float64Array): Float64Array;
export function compare(a: Float64Array, b: Float64Array, truth: Float64Array): Estimate | undefined;
export function proxies(): ProxyInfo[];
export function inspect(request: ScoreRequest, model?: Model): Inspection;
export function check_format(head: Uint8Array): void;
export function model_options(): SpaceOption[];

export function strategies(): string[];
export function papers(): string[];
/** The bytes of an ONNX file. */
export function export_onnx(request: object): Uint8Array;

/** The order of a list, by its candidates' keys: equal ones are the same work, an empty one is none. */
export class ListRunner {
  constructor(keys: string[]);
  /** At most `n` to score now. */
  ask(n: number): Uint32Array;
  tell(candidate: number): void;
  /** Whose turn it is, each once, in order. */
  ready(): Uint32Array;
  free(): void;
}

/** A search: plain data, all of it in its state. */
export class Search {
  constructor(wish: object, request: object, state?: string);
  ask(n: number): Candidate[];
  tell(step: number, stage: number, row: object): number | undefined;
  tell_accuracy(arch: string, accuracy: number): 'asked' | 'again' | 'unasked';
  state(): string;
  found(n: number): Found;
  free(): void;
}

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
  survey(request: ScoreRequest, step: Step, model?: Model): Promise<SurveyedLayer[]>;
  free(): void;
}
