import type { Backend } from '../route-source.ts'
import { type Backends, createBackends, processOf } from './backends.ts'
import { createGoneCheck } from './gone-check.ts'
import { type Life, type LifeEffect, type LifeEvent, newLife, stepLife } from './life.ts'
import { type LifeDeps, limitOf } from './life-deps.ts'
import { type LifeState, lifeStateOf } from './life-state.ts'
import { createPresence, type Presence } from './presence.ts'
import { createProber, type Prober } from './prober.ts'
import { createRamp, type Ramp } from './ramp.ts'
import { isSameRecord } from './record.ts'
import { isSameBackend, seenBackend } from './seen-backend.ts'
import { createTroubles } from './troubles.ts'
import type { Go, Turn, Wanted } from './turn.ts'
import { createWaitingRoom, type WaitingRoom } from './waiting-room.ts'
import type { WakeCause } from './wake-facts.ts'
import type { Sight, Standing } from './waker.ts'
import { createWriting, type Writing } from './writing.ts'

const arrived: LifeEvent = { type: 'arrived' }
const released: LifeEvent = { type: 'released' }

/** No idle time ever is as long; a number that JSON can carry. */
const neverMs = 365 * 24 * 3_600_000

/** One environment as this gateway lives with it: the pure protocol, and what has to be done for it. */
export class EnvironmentLife {
  readonly environment: string
  #sight: Sight
  #life: Life
  /** Of the newest record that was taken in. */
  #version: number
  #told: LifeState | undefined
  #wokeFor: WakeCause | undefined
  #isPumping = false
  /** Forgotten: the next life of its name is another one, and what is still under way tells it nothing. */
  #isOver = false
  readonly #deps: LifeDeps
  readonly #backends: Backends
  readonly #ramp: Ramp
  readonly #room: WaitingRoom
  readonly #presence: Presence
  readonly #prober: Prober
  readonly #writing: Writing
  readonly #checkGone: () => Promise<void>
  readonly #troubles

  constructor(environment: string, sight: Sight, deps: LifeDeps) {
    const { clock, limits } = deps
    this.environment = environment
    this.#sight = sight
    this.#version = sight.version
    this.#deps = deps
    this.#life = newLife(sight.record, clock.now())
    this.#backends = createBackends({ clock, onForgiven: () => this.#learn() })
    this.#troubles = createTroubles({ ...limits, clock, onLasting: () => this.#learn() })
    this.#ramp = createRamp({ ...limits, clock, onReady: () => this.note() })
    this.#room = createWaitingRoom({
      ...deps,
      environment,
      onLeft: (until) => void this.#dispatch({ type: 'left', until }),
      onDismissed: () => void this.#dispatch({ type: 'unwanted' }),
    })
    // Whoever waits for one that was deleted is told so.
    this.#presence = createPresence(clock, () => this.#room.dismiss('unknown'))
    this.#prober = createProber({
      clock,
      pauseMs: limits.probeMs,
      isWanted: (backend) => this.#isAwaited(backend),
      isReady: (backend) =>
        deps.waker.isReady(environment, backend, limitOf(deps, limits.probeTimeoutMs)),
      onReady: (backend) => {
        this.#backends.proven(backend)
        this.#learn()
      },
    })
    this.#checkGone = createGoneCheck(environment, deps, {
      life: () => this.#life,
      onSight: (seen) => this.#see(seen),
      onGone: () => void this.#dispatch({ type: 'looked', backend: { status: 'gone' } }),
      onDoubt: () => this.#ramp.rest(),
    })
    this.#writing = createWriting(environment, deps, {
      onWoken: (wake) => {
        this.#wokeFor = wake.cause
        const temperature = this.#backends.first?.startedAs ?? 'cold'
        deps.onWake({ environment, temperature, ...wake })
      },
      onStanding: (standing) => {
        this.#take(standing, 'written')
        this.#learn()
      },
      onNothing: () => this.#see(undefined),
      priority: () => this.#sight.priority,
    })
  }

  get state(): LifeState {
    return lifeStateOf(this.#life, this.#deps.clock.now())
  }

  get life(): Life {
    return this.#life
  }

  get sight(): Sight {
    return this.#sight
  }

  get isMissing(): boolean {
    return this.#presence.isMissing
  }

  turn(wanted: Wanted): Turn | Promise<Turn> {
    const fate = this.#dispatch(arrived)
    if (fate?.type !== 'hold') return this.#turnOf(fate, false)
    this.#writing.cause(wanted.cause)
    const turn = this.#room.wait(wanted, this.#sight.wakeTimeoutMs, false)
    this.#tell()
    this.#lookAround()
    this.#pump()
    return turn
  }

  /** The client has its answer, or has gone. */
  finish({ place }: Go, isActivity: boolean) {
    place?.leave(true)
    this.#dispatch({ type: 'finished', isActivity })
    if (this.#life.held > 0) this.#pump()
  }

  /** Nothing of the request was carried out there: it waits for another turn, before all that came later. */
  refuse({ backend, place }: Go, isSealed: boolean, wanted: Wanted): Promise<Turn> {
    place?.leave(false)
    this.#mistrust(backend, isSealed)
    // Others may be ready: then it is awake all the while.
    this.#lookAround()
    this.#dispatch({ type: 'refused', process: processOf(backend), isSealed })
    const turn = this.#room.wait(wanted, this.#sight.wakeTimeoutMs, true)
    this.#learn()
    return turn
  }

  /** The same of what is no request, and waits for no turn. */
  doubt(backend: Backend, isSealed: boolean) {
    this.#mistrust(backend, isSealed)
    this.#learn()
  }

  #mistrust(backend: Backend, isSealed: boolean) {
    if (!isSealed) this.#deps.waker.doubt(this.environment)
    if (!isSealed || this.#backends.sealed(backend)) this.#ramp.rest()
  }

  /** Nobody asks it any more. */
  end() {
    this.#isOver = true
    this.#troubles.passed()
  }

  /** Something may have changed. */
  note() {
    if (this.#isOver) return
    this.#see(this.#deps.waker.see(this.environment))
    this.#learn()
    this.#tell()
  }

  /** Sees whether it may sleep; `isAsked` does not wait for idleness. */
  sweep(isAsked: boolean) {
    this.#dispatch({ type: 'swept', isAsked })
  }

  /** A backend for what is no request; none while it is being put to sleep. */
  ready(): Backend | undefined {
    return this.state === 'awake' && this.#life.writing === undefined
      ? this.#backends.next()
      : undefined
  }

  /** A sign of a user that is no request. */
  active() {
    this.#dispatch({ type: 'active' })
  }

  #dispatch(event: LifeEvent): LifeEffect | undefined {
    const { self, waker, clock, epoch } = this.#deps
    const step = stepLife(this.#life, event, {
      self,
      members: waker.members(),
      now: clock.now(),
      epoch: epoch(),
      idleMs: this.#idleMs(),
      isKept: this.#deps.isKept(this),
    })
    this.#life = step.life
    let fate: LifeEffect | undefined
    for (const effect of step.effects) {
      if (effect.type === 'write') this.#writing.begin(effect)
      else if (effect.type === 'giveUp') this.#room.dismiss('failed')
      else if (effect.type !== 'release') fate = effect
    }
    if (event !== arrived && event.type !== 'finished') this.#tell()
    return fate
  }

  /** One that was woken for its schedules alone sleeps again soon after them. */
  #idleMs(): number {
    const { idleMs = neverMs } = this.#sight
    const { lastActivity, record } = this.#life
    const isForNobody = this.#wokeFor === 'schedule' && lastActivity <= record.since
    return isForNobody ? Math.min(idleMs, this.#deps.limits.idleAfterScheduleMs) : idleMs
  }

  #tell() {
    if (this.#isOver) return
    const { state } = this
    this.#writing.note(state)
    if (state === 'awake') this.#troubles.passed()
    if (state === this.#told) return
    this.#told = state
    this.#deps.onState(this.environment, state)
  }

  #see(seen: Sight | undefined) {
    this.#presence.note(seen !== undefined)
    if (seen === undefined) return
    if (seen.version >= this.#sight.version) this.#sight = seen
    if (this.#sight.version <= this.#version) return
    if (this.#life.writing === undefined) this.#take(this.#sight, 'read')
    else this.#writing.heard(this.#sight)
  }

  /** What stands there now, unless something newer is known already. */
  #take(standing: Standing, type: 'read' | 'written') {
    const newest = this.#sight.version > standing.version ? this.#sight : standing
    const record = newest.version < this.#version ? this.#life.record : newest.record
    this.#version = Math.max(this.#version, newest.version)
    // Another wake, or somebody's word against its sleep: it is no longer for its schedules alone.
    if (record.since !== this.#life.record.since) this.#wokeFor = undefined
    if (type === 'written' || !isSameRecord(record, this.#life.record)) {
      this.#dispatch({ type, record })
    }
  }

  /** Takes in what can be seen, and lets those go on who can. */
  #learn() {
    if (this.#isOver) return
    const { service } = this.#sight
    this.#backends.note(this.#sight)
    if (this.#life.service !== service) this.#dispatch({ type: 'served', service })
    const until = this.#backends.first === undefined ? this.#failedUntil() : undefined
    if (until !== this.#life.failedUntil) this.#dispatch({ type: 'failed', until })
    this.#lookAround()
    this.#pump()
  }

  /** What was amiss before it slept says nothing of the next start. */
  #failedUntil(): number | undefined {
    const { state } = this.#life.record
    return this.#troubles.until(state === 'down' ? undefined : this.#sight.trouble)
  }

  #lookAround() {
    const seen = seenBackend(this.#life, this.#backends)
    if (!isSameBackend(seen, this.#life.backend)) this.#dispatch({ type: 'looked', backend: seen })
    const { record, backend, held } = this.#life
    const mayBeGone = record.state === 'down' && backend.status !== 'gone'
    if (mayBeGone && this.#backends.isEmpty) void this.#checkGone()
    if (held > 0 && backend.status === 'starting') this.#prober.probe(this.#backends.starting)
  }

  #isAwaited(backend: Backend): boolean {
    if (this.#deps.signal.aborted || this.#life.held === 0) return false
    const process = processOf(backend)
    return this.#backends.starting.some((other) => processOf(other) === process)
  }

  /** Lets those who wait go on in their order, as many at a time as the workers can take. */
  #pump() {
    if (this.#isPumping) return
    this.#isPumping = true
    try {
      while (!this.#room.isEmpty && this.#isWayFree()) {
        if (!this.#room.serve(() => this.#release())) break
      }
    } finally {
      this.#isPumping = false
    }
  }

  #isWayFree(): boolean {
    if (this.#life.service !== 'active') return true
    return this.#life.backend.status === 'ready' && this.#ramp.hasRoom(this.#sight.concurrency)
  }

  #release(): Turn | undefined {
    const fate = this.#dispatch(released)
    return fate?.type === 'hold' ? undefined : this.#turnOf(fate, true)
  }

  #turnOf(fate: LifeEffect | undefined, isReleased: boolean): Turn {
    if (fate?.type === 'answer') return { type: 'none', because: fate.with }
    const backend = this.#backends.next()
    if (backend === undefined) {
      throw new Error(`${this.environment} is said to be ready without a backend`)
    }
    const place = isReleased ? this.#ramp.enter() : undefined
    return { type: 'go', life: this, backend, place }
  }
}
