import type { KubeObject } from '@kcp/apimachinery/meta/object';
import { readNumber, readObjects } from '@kcp/apimachinery/schema/read';
import { phaseOf, statusOf } from '../controllers/pod-facts.js';
import { RESTART_BACKOFF_MS, RESTART_BACKOFF_MS_MAX } from '../limits.js';
import { annotationOf, type ContainerState, type PodReport, restartPolicyOf } from './pod-status.js';
import { CRASH, EXIT_CODE, READY, RUN_FOR_MS, START_DELAY_MS } from './sim-annotations.js';

export interface LifeOptions {
  readonly startDelayMs: number;
  /** How long containers run whose pod is one that ends. */
  readonly runForMs: number;
}

const KILLED = 137;

/**
 * The life of one pod on its node: starting, running, waiting for a restart, done. Time comes in; nothing here waits.
 */
export class PodLife {
  readonly uid: string;
  readonly address: string;
  readonly hostAddress: string;
  readonly #startMs: number;
  #state: ContainerState;
  #last: ContainerState | undefined;
  #restarts: number;
  /** When the state changes by itself; undefined: never. */
  #untilMs: number | undefined;
  #crash: string | undefined;
  #phase: PodReport['phase'];

  constructor(pod: KubeObject, addresses: { address: string; hostAddress: string }, options: LifeOptions, now: number) {
    this.uid = pod.metadata.uid ?? '';
    this.address = addresses.address;
    this.hostAddress = addresses.hostAddress;
    this.#startMs = now;
    this.#crash = annotationOf(pod, CRASH);
    this.#restarts = restartsOf(pod);
    const running = phaseOf(pod) === 'Running';
    this.#phase = running ? 'Running' : 'Pending';
    this.#state = { kind: 'waiting', reason: 'ContainerCreating' };
    // A pod that ran before its node's program was started again runs on.
    this.#untilMs = running ? now : now + (number(pod, START_DELAY_MS) ?? options.startDelayMs);
  }

  get running(): boolean {
    return this.#state.kind === 'running';
  }

  get done(): boolean {
    return this.#phase === 'Succeeded' || this.#phase === 'Failed';
  }

  /** Waits for its time to start, and the time is there. */
  mayStart(now: number): boolean {
    return this.#state.kind === 'waiting' && this.#untilMs !== undefined && now >= this.#untilMs;
  }

  /** Milliseconds until something happens by itself. */
  next(now: number): number | undefined {
    return this.#untilMs === undefined ? undefined : Math.max(0, this.#untilMs - now);
  }

  /** `real`: a program runs, which ends when it ends. */
  start(pod: KubeObject, options: LifeOptions, now: number, real: boolean): void {
    this.#state = { kind: 'running', startedMs: now };
    this.#phase = 'Running';
    const asked = number(pod, RUN_FOR_MS);
    const ends = !real && (asked !== undefined || restartPolicyOf(pod) !== 'Always');
    this.#untilMs = ends ? now + (asked ?? options.runForMs) : undefined;
  }

  /** Cannot start yet. */
  hold(reason: string, message: string, now: number): void {
    this.#state = { kind: 'waiting', reason, message };
    this.#untilMs = now + RESTART_BACKOFF_MS;
  }

  /** Lets happen what is due: a crash that was ordered, the end of a run. Says whether containers ended. */
  advance(pod: KubeObject, now: number): boolean {
    if (this.#state.kind !== 'running') return false;
    const crash = annotationOf(pod, CRASH);
    if (crash !== undefined && crash !== this.#crash) {
      this.#crash = crash;
      this.end(pod, KILLED, now);
      return true;
    }
    if (this.#untilMs === undefined || now < this.#untilMs) return false;
    this.end(pod, number(pod, EXIT_CODE) ?? 0, now);
    return true;
  }

  /** The containers have ended with that code. */
  end(pod: KubeObject, exitCode: number, now: number): void {
    if (this.#state.kind !== 'running') return;
    const { startedMs } = this.#state;
    const reason = exitCode === 0 ? 'Completed' : 'Error';
    const ended: ContainerState = { kind: 'terminated', exitCode, reason, startedMs, finishedMs: now };
    const policy = restartPolicyOf(pod);
    if (policy === 'Never' || (policy === 'OnFailure' && exitCode === 0)) {
      this.#state = ended;
      this.#untilMs = undefined;
      this.#phase = exitCode === 0 ? 'Succeeded' : 'Failed';
      return;
    }
    this.#last = ended;
    const backoff = Math.min(RESTART_BACKOFF_MS * 2 ** this.#restarts, RESTART_BACKOFF_MS_MAX);
    this.#restarts++;
    this.#state = { kind: 'waiting', reason: 'CrashLoopBackOff' };
    this.#untilMs = now + backoff;
  }

  report(pod: KubeObject, now: number): PodReport {
    const ready = this.#state.kind === 'running' && annotationOf(pod, READY) !== 'false';
    return {
      phase: this.#phase,
      container: { state: this.#state, last: this.#last, restarts: this.#restarts, ready },
      address: this.#phase === 'Pending' ? '' : this.address,
      hostAddress: this.hostAddress,
      startMs: this.#startMs,
      nowMs: now,
    };
  }
}

function number(pod: KubeObject, name: string): number | undefined {
  const text = annotationOf(pod, name);
  const value = Number(text);
  return text === undefined || text === '' || Number.isNaN(value) ? undefined : value;
}

function restartsOf(pod: KubeObject): number {
  const counts = readObjects(statusOf(pod), 'containerStatuses').map((one) => readNumber(one, 'restartCount') ?? 0);
  return Math.max(0, ...counts);
}
