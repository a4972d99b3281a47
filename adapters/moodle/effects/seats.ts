import type { HostEffect } from '../../host-lms.ts';
import { wanted } from './prelude.ts';
import { putBack } from './put-back.ts';

/** A choice `c` that still takes answers: an open end, or an end that lies ahead. */
const open = '(c.timeclose = 0 or to_timestamp(c.timeclose) > (select op.at from op))';

/**
 * slot.leave: the answer that holds the seat goes. Compared: that it is there and the choice has not closed; one that
 * closed since the plan was made is a conflict, and stays (D-03).
 */
export const leaveSeats: HostEffect = {
  statements: [
    {
      ctes: /* sql */ `
        ${wanted},
        left_seats as (
          delete from {choice_answers} x using wanted w, {choice} c
           where w.item->>'slot' = 'choice-option:' || x.optionid and x.userid = w.userid
             and c.id = x.choiceid and ${open}
          returning w.change_id, '{choice_answers}' as table_name, to_jsonb(x) as before, null::jsonb as after),
        decided as (select change_id from left_seats)`,
      images: ['left_seats'],
    },
  ],
};

/** slot.join in an undo: the answer as it was, while the choice is open and its option has a free seat. */
export const rejoinSeats: HostEffect = {
  statements: [
    putBack([
      {
        table: 'choice_answers',
        ofLiving: true,
        when: /* sql */ `exists (
          select from {choice_options} o join {choice} c on c.id = o.choiceid
           where o.id = r.optionid and ${open}
             and (c.limitanswers = 0 or o.maxanswers = 0 or o.maxanswers >
                   (select count(*) from {choice_answers} a where a.optionid = o.id)
                   + (select count(*) from image earlier
                       where earlier.table_name = i.table_name and earlier.change_id < i.change_id
                         and earlier.before->>'optionid' = i.before->>'optionid')))`,
      },
    ]),
  ],
};
