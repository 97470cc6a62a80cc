/**
 * Notices workers that went silent, and a start that stands still. Counts ticks, not wall time: a laptop that slept, or a tab in the background
 * whose timers are held back, must not look like a dead worker.
 */

const TICK_MS = 1000;
const PATIENCE_TICKS = 15;
const START_PATIENCE_TICKS = 45; // without a byte: a slow machine compiles for a while without a word

/** @param {import("./boot.js").Boot} boot */
export function watch(boot) {
  const { store, rpc } = boot.parts;
  let pythonSilent = 0;
  let inferenceSilent = 0;
  let pinging = false;
  let startSilent = 0;
  let heard = -1;

  /** A connection may neither answer nor break: the person then hears of it, and may try again. */
  function tickStart() {
    const isStarting = store.boot.error === null && (!store.boot.pythonReady || store.mirror.model.state === "loading");
    startSilent = isStarting && heard === boot.heard ? startSilent + 1 : 0;
    heard = boot.heard;
    if (startSilent >= START_PATIENCE_TICKS) boot.stalled(START_PATIENCE_TICKS * TICK_MS / 1000);
  }

  function tickPython() {
    if (!rpc.open || rpc.outstanding.size === 0) {
      pythonSilent = 0;
      return;
    }
    if (!pinging) {
      pinging = true;
      const heard = () => { pinging = false; pythonSilent = 0; };
      rpc.call("ping", {}, [], { now: true }).then(heard, heard);
    }
    pythonSilent += 1;
    if (pythonSilent > PATIENCE_TICKS) {
      pythonSilent = 0;
      boot.pythonDied("no answer");
    }
  }

  function tickInference() {
    if (!rpc.open || !store.mirror.busy) {
      inferenceSilent = 0;
      return;
    }
    inferenceSilent += 1;
    boot.pingInference(() => { inferenceSilent = 0; });
    if (inferenceSilent > PATIENCE_TICKS) {
      inferenceSilent = 0;
      boot.inferenceDied("no answer");
    }
  }

  setInterval(() => {
    tickStart();
    tickPython();
    tickInference();
  }, TICK_MS);
}
