/** Reason of a container that was asked to end, with its pod or with Pulse: no crash, whatever its exit code is. */
export const stoppedReason = 'Stopped'
