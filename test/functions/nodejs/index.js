// Counts the items of an order, with two packages of the lockfile.
const _ = require("lodash");
const { z } = require("zod");

const Order = z.object({ id: z.number(), items: z.array(z.string()) });

exports.handler = async (data) => {
  const order = Order.parse(data);
  return { order: order.id, items: _.countBy(order.items) };
};
