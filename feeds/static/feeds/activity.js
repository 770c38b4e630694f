// Builds the elements of activities and groups of activities, as the server renders them.
import { fill, template } from "./slots.js";

// Activities of a group that are shown before the reader unfolds it.
const PREVIEW_COUNT = 2;

// Stream puts a bare reference in place of an actor or an object that is gone.
const isWhole = ({ actor, object }) => actor?.data && object?.data;

function uniqueActors(activities) {
  const actorsById = new Map(activities.map(({ actor }) => [actor.id, actor]));
  return [...actorsById.values()];
}

function completeGroup(group) {
  const activities = group.activities.filter(isWhole);
  return {
    ...group,
    activities,
    actors: uniqueActors(activities),
    shown: activities.slice(0, PREVIEW_COUNT),
    hidden: activities.slice(PREVIEW_COUNT),
    // A headline names two people and counts the others.
    other_actor_count: group.actor_count - 2,
    more_count: group.activity_count - activities.length,
  };
}

// The headline's template depends on the number of what it counts: people or activities.
function groupTemplate(group) {
  const forMany = template(`${group.verb}-many`);
  let count = group.activity_count;
  if (forMany?.dataset.counts === "people") {
    // A headline can name no second person if the newest activities are all of one.
    count = group.actors.length > 1 ? group.actor_count : 1;
  }
  return template(`${group.verb}-${count}`) ?? forMany;
}

function buildGroup(result) {
  const group = completeGroup(result);
  const source = groupTemplate(group);
  if (!source || !group.activities.length) return null;
  const element = fill(source, group);
  element.id = group.group;
  return element;
}

function buildActivity(activity) {
  const source = template(activity.verb);
  if (!source || !isWhole(activity)) return null;
  const element = fill(source, activity);
  element.id = activity.id;
  return element;
}

// Returns an element, or null where nothing can be shown: of a verb without templates, or because
// actor or object are gone.
export function build(result) {
  return result.activities ? buildGroup(result) : buildActivity(result);
}
