import { applyingStories } from './applying-stories.suite.ts'
import { creatingOursStories } from './creating-ours-stories.suite.ts'
import { creatingStories } from './creating-stories.suite.ts'
import { deletingStories } from './deleting-stories.suite.ts'
import { discoveryStories } from './discovery-stories.suite.ts'
import { fieldStories } from './field-stories.suite.ts'
import { formsStories } from './forms-stories.suite.ts'
import { patchingStories } from './patching-stories.suite.ts'
import { readingStories } from './reading-stories.suite.ts'
import { scalingStories } from './scaling-stories.suite.ts'
import type { Story } from './story.suite.ts'
import { updatingStories } from './updating-stories.suite.ts'
import { watchingStories } from './watching-stories.suite.ts'

/** All that is asked of both servers. */
export const stories: readonly Story[] = [
  ...discoveryStories,
  ...readingStories,
  ...formsStories,
  ...creatingStories,
  ...creatingOursStories,
  ...fieldStories,
  ...updatingStories,
  ...patchingStories,
  ...applyingStories,
  ...scalingStories,
  ...deletingStories,
  ...watchingStories,
]
