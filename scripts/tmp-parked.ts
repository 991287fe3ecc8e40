import { measureParked, renderParked } from './bench/gateway/parked.ts'

console.log(renderParked(await measureParked(Number(process.argv[2]))))
