/** Removes the path that its argument names, as whoever runs it. */
import { removeTree } from '../remove-tree.ts'

removeTree(process.argv[2] ?? '')
