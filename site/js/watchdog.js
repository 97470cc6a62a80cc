/**
 * Notices workers that went silent. Counts ticks, not wall time: a laptop that slept, or a tab in the background
 * whose timers are held back, must not look like a dead worker.
 */

const TICK_MS = 1000;
const PATIENCE_TICKS = 15;

/** @param {import("./boot.js").Boot} boot */
export function watch(boot) {
  const { store, rpc } = boot.parts;
  let pythonSilent = 0;
  let inferenceSilent = 0;
  let pinging = false;

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
    tickPython();
    tickInference();
  }, TICK_MS);
}
