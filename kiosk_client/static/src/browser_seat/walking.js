// The way of one seat through its work, each step journalled before it is seen: kiosk_client/walking.py in this language.
import { notNow } from "./refusals.js";
import * as route from "./route.js";
import * as rules from "./rules.js";

export class Walking {
  constructor(seat) { this.seat = seat; }

  // By the candidate.

  async go(target) {
    this.requireWay();
    if (route.judgeReach(this.seat.items, target, this.seat.state) !== route.OPEN) throw notNow("not to be reached from here");
    if (target.id !== this.seat.state.item) await this.enter(target);
  }

  async goOn() {
    this.requireWay();
    const here = this.seat.item;
    const goes = here !== null && rules.findFollowing(this.seat.items, here.id) !== null;
    if (goes) await this.passOn(here);
    return goes;
  }

  requireWay() {
    const { seat } = this;
    seat.require(rules.mayLeave(seat.state) && route.mayWalk(seat.items, seat.state));
  }

  async endBreak() {
    const last = route.findRestingItem(this.seat.items, this.seat.state);
    if (!last?.break_after.early_end) throw notNow("no break that may be ended");
    this.seat.require(true);
    await this.leaveBreak("candidate");
  }

  // On and on.

  /** To what follows this item: the break after it, else the next item; false at the end of the work. */
  async passOn(last) {
    const { seat } = this;
    const [rest, following] = [route.findBreakAhead(last, seat.state), rules.findFollowing(seat.items, last.id)];
    if (following === null) return false;
    if (rest === null) await this.enter(following);
    else {
      seat.playing = null;
      await seat.log.append(...route.beginBreak(rest, seat.state));
    }
    return true;
  }

  async leaveBreak(reason) {
    const { seat } = this;
    const last = route.findRestingItem(seat.items, seat.state);
    const following = rules.findFollowing(seat.items, last?.id ?? seat.state.item);
    await seat.log.append(...route.endBreak(seat.state, reason));
    if (following) await seat.log.append(...rules.enterStage(following, rules.firstStage(following), seat.state));
  }

  async enter(target) {
    this.seat.playing = null;
    await this.seat.log.append(...rules.goTo(this.seat.items, target, this.seat.state));
  }

  // By itself, when a time is out.

  async moveOn(due) {
    const { item } = this.seat;
    if (item === null) return;
    if (due.ends_break) await this.leaveBreak("time");
    else if (due.ends_part) await this.endTimeOf(route.findLastOfPart(this.seat.items, item));
    else if (due.stage) await this.changeStage(item, due.stage);
    else if (due.leaves) await this.endTimeOf(item);
  }

  async changeStage(item, stage) {
    const { seat } = this;
    if (stage === "prepare") await seat.beginPreparing(item);
    else if (stage === "speak") await seat.speaking.enter(item, true);
    else if (stage === "after") await seat.leaveSpeech(item, await seat.speaking.stop("time"));
    else await seat.enter(item, stage);
  }

  async endTimeOf(last) {
    const { seat } = this;
    const { item } = seat;
    const drafts = await seat.speaking.stop("time");
    if (item && rules.BOUND_STAGES.has(seat.state.stage)) drafts.push(...rules.enterStage(item, "after", seat.state));
    await seat.log.append(...drafts);
    if (!(await this.passOn(last)) && last.fixed_s) await seat.finish("time");
  }
}
